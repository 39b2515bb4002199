import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openEngine, replicaFile } from '@parley/sync/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channel, ME, message, nastyReplica } from '../testing/nasty-replica.ts';
import { type ReplicaHome, WS } from '../testing/replica-home.ts';
import { DOCUMENTED_VIEWS, viewNamed } from './documented-views.ts';
import { type OpenReplica, openReplicaTwice } from './open-replica.ts';
import { type DocumentedView, selectOf } from './view.ts';
import { addViews } from './view-database.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../../../../..'), 'docs/replica-views.md'), 'utf8');

/** A view as the page about them has it. */
function documented({ name, about, columns }: DocumentedView): string {
  const rows = Object.entries(columns).map(([column, { type, about: what, refers }]) => {
    const where = refers ? ` In \`${refers}\`.` : '';
    return `| \`${column}\` | ${type} | ${what}${where} |`;
  });
  return [`### ${name}`, '', about, '', '| column | | |', '|---|---|---|', ...rows].join('\n');
}

/** The SQL of the page: every block of it. */
const examples = (): string[] =>
  [...page.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) =>
    block
      .replace(/^ {4}/gm, '')
      .replace(/^parley sql "([\s\S]*)"\n$/, '$1')
      .trim(),
  );

describe('the documented views', () => {
  let home: ReplicaHome;
  let replica: OpenReplica;
  const all = (sql: string): unknown[] => replica.db.prepare(sql).all();

  beforeAll(async () => {
    home = await nastyReplica();
    replica = openReplicaTwice(replicaFile(home.home, WS), home.key);
    const values = { ws: WS, name: "Acme's", relay: 'http://127.0.0.1:1', me: ME, complete: '1' };
    addViews(replica.db, replica.beside, { values, where: {} });
  });
  afterAll(() => {
    replica.close();
    home.remove();
  });

  it('are on their page in the words of the code, and nothing else is', () => {
    expect(page.slice(page.indexOf('\n### ') + 1).trimEnd()).toBe(DOCUMENTED_VIEWS.map(documented).join('\n\n'));
  });

  it('can be asked as their page shows', () => {
    expect(examples().length).toBeGreaterThan(4);
    for (const sql of examples()) expect(() => all(sql), sql).not.toThrow();
  });

  it('have the columns they say, and no two rows with one key', () => {
    for (const { name, columns, key } of DOCUMENTED_VIEWS) {
      const rows = all(`SELECT * FROM ${name}`) as Record<string, unknown>[];
      expect(rows.length, name).toBeGreaterThan(0);
      expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(columns));
      for (const [column, { type }] of Object.entries(columns))
        for (const value of rows.map((row) => row[column]))
          if (value !== null) expect(fits(type, value), `${name}.${column}: ${value}`).toBe(true);
      if (key.length)
        expect(new Set(rows.map((row) => key.map((part) => row[part]).join('\n'))).size).toBe(rows.length);
    }
  });

  it('count as the sidebar does, and name conversations as it does', async () => {
    const engine = await openEngine({ home: home.home, online: false });
    const { conversations } = await engine.client().once('sidebar', { ws: WS });
    const sidebar = conversations.filter(({ unread }) => unread > 0);
    // A read marker that waits in the outbox is known to the sidebar alone.
    const counted = all(`SELECT c.id, c.name, u.messages AS unread, u.mentions FROM unread u
      JOIN conversations c ON c.id = u.conversation WHERE c.id <> '${channel(1)}' ORDER BY c.id`);
    const shown = sidebar
      .map(({ id, name, unread, mentions }) => ({ id, name, unread, mentions }))
      .filter(({ id }) => id !== channel(1))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    await engine.close();
    expect(shown.length).toBeGreaterThan(5);
    expect(counted).toEqual(shown);
  });

  it('are read in the order of an index where they are long', () => {
    for (const name of ['messages', 'reactions', 'mentions', 'files', 'edits', 'people', 'members']) {
      const { order } = viewNamed(name);
      const scope = { values: { ws: WS, name: '', relay: '', me: ME, complete: '1' }, where: {} };
      const plan = all(`EXPLAIN QUERY PLAN ${selectOf(viewNamed(name), scope)} ORDER BY ${order}`) as {
        detail: string;
      }[];
      expect(
        plan.map(({ detail }) => detail).filter((detail) => /TEMP B-TREE FOR ORDER/.test(detail)),
        name,
      ).toEqual([]);
    }
  });

  it('find words', () => {
    expect(all(`SELECT id FROM messages_search('harbour AND thread')`)).toEqual([{ id: message(7) }]);
    expect(all(`SELECT count(*) AS n FROM messages_search('harb*')`)).toEqual([{ n: 2 }]);
    expect(() => all(`SELECT id FROM messages_search('"')`)).toThrow(/unterminated string/);
    expect(() => all('SELECT id FROM messages_search')).toThrow(/takes the words/);
  });
});

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case 'flag':
      return value === 0 || value === 1;
    case 'number':
      return Number.isInteger(value);
    case 'time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
    default:
      return typeof value === 'string';
  }
}
