import { parseReactions, parseRepliers } from '@parley/sync/core';
import { parseMentions, type UserId, unpackRow } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';

/** Of those who reacted with the same emoji, how many are named before anybody asks. */
const REACTING = 20;

/** The people that drawing a page's messages takes: their ids, each once. */
export function peopleShown(tables: RowsFrame['tables']): ReadonlySet<UserId> {
  const shown = new Set<UserId>();
  for (const { t, rows } of tables) {
    if (t !== 'message') continue;
    for (const values of rows) {
      const row = unpackRow('message', values);
      if (!row) continue;
      shown.add(row.author);
      for (const id of parseRepliers(row)) shown.add(id);
      for (const id of parseMentions(row.text).users) shown.add(id);
      for (const [, people] of parseReactions(row)) for (const id of people.slice(0, REACTING)) shown.add(id);
    }
  }
  return shown;
}
