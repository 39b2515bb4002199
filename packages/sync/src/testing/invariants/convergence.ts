import type { StateView } from '../../core/mod.ts';
import { canSeeStream } from '../../core/mod.ts';
import { type Rows, streamOfRow, TABLE_NAMES, type TableName, type UserId } from '../../model/mod.ts';
import type { Replica } from '../../replica/mod.ts';
import type { Breach, Tables } from '../picture.ts';

/** Differences told per table; the first few say what is wrong. */
const TOLD = 3;

/**
 * I5: a replica's confirmed tables are the relay's projection, restricted to what the person may see, and to what `holds`
 * is to hold of it: without one, all.
 */
export function checkConverged(
  who: string,
  user: UserId,
  relayView: StateView,
  relay: Tables,
  replica: Tables,
  holds?: Pick<Replica, 'covers' | 'follows'>,
): Breach[] {
  const seen = new Map<string, boolean>();
  const sees = <T extends TableName>(table: T, row: Rows[T]): boolean => {
    const stream = streamOfRow(table, row);
    const answer = seen.get(stream) ?? canSeeStream(relayView, user, stream) !== null;
    seen.set(stream, answer);
    return answer;
  };
  return TABLE_NAMES.flatMap((table) => {
    const differences: string[] = [];
    const theirs = relay[table] as ReadonlyMap<string, Rows[TableName]>;
    const ours = replica[table] as ReadonlyMap<string, Rows[TableName]>;
    for (const [key, row] of theirs) {
      if (!sees(table, row)) continue;
      const held = ours.get(key);
      const s = streamOfRow(table, row);
      // What was only looked at is brought up to date when it is looked at again.
      if (holds && (!holds.follows(s) || (!held && !holds.covers(s, row)))) continue;
      if (!held) differences.push(`${label(key)} is missing: ${JSON.stringify(row)}`);
      else if (JSON.stringify(held) !== JSON.stringify(row))
        differences.push(`${label(key)} differs: ${difference(held, row)}`);
    }
    for (const [key, row] of ours) {
      const theirRow = theirs.get(key);
      if (!theirRow) differences.push(`${label(key)} is held and was never there`);
      else if (!sees(table, theirRow))
        differences.push(`${label(key)} is held and not theirs to see: ${JSON.stringify(row)}`);
    }
    return differences.slice(0, TOLD).map((what) => ({ invariant: 'I5', what: `${who}, table ${table}: ${what}` }));
  });
}

const label = (key: string): string => key.replaceAll('\n', '/');

function difference(ours: object, theirs: object): string {
  const [a, b] = [ours as Record<string, unknown>, theirs as Record<string, unknown>];
  return Object.keys(b)
    .filter((column) => a[column] !== b[column])
    .map((column) => `${column} is ${JSON.stringify(a[column])}, the relay has ${JSON.stringify(b[column])}`)
    .join('; ');
}
