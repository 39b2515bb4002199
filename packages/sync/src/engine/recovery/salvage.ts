import { compileCheck, type Intent, IntentSchema } from '../../model/mod.ts';
import { type JournalEntry, type OutboxState, type SqlDatabase, selectOne } from '../../replica/mod.ts';

/** Places tried one by one where reading on from one side and from the other leaves a stretch between them. */
const MAX_TRIED = 2_000;

const isIntent = compileCheck<Intent>(IntentSchema);

type Row = [seq: number, op: string, state: string];

/**
 * The ops in the outbox of a database of which parts can't be read: row by row, from the start as far as it goes, then
 * from the end, then what can be found in between. What can be read is checked, for it may be of any age.
 */
export function salvageOutbox(db: SqlDatabase): readonly JournalEntry[] {
  const found = new Map<number, JournalEntry>();
  const columns = 'SELECT seq, op, state FROM outbox WHERE';
  const lookUp = reader(db, `${columns} seq = ?`);
  const walk = (read: (seq: number) => Row | null | undefined, from: number): number => {
    let at = from;
    for (;;) {
      const row = read(at);
      if (!row || found.has(row[0])) return at;
      at = row[0];
      const entry = entryOf(row);
      if (entry) found.set(at, entry);
    }
  };
  // What was put back before all others may have a place below zero.
  const low = walk(reader(db, `${columns} seq > ? ORDER BY seq LIMIT 1`), Number.MIN_SAFE_INTEGER);
  const high = walk(reader(db, `${columns} seq < ? ORDER BY seq DESC LIMIT 1`), Number.MAX_SAFE_INTEGER);
  const from = found.has(low) ? low + 1 : 1;
  for (let seq = from; seq < Math.min(high, from + MAX_TRIED); seq++) {
    const row = lookUp(seq);
    const entry = row && entryOf(row);
    if (entry) found.set(seq, entry);
  }
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

/** Reads one row; null where it can't be read, for whatever reason. */
function reader(db: SqlDatabase, sql: string): (seq: number) => Row | null | undefined {
  try {
    const read = selectOne<Row>(db, sql);
    return (seq) => {
      try {
        return read([seq]);
      } catch {
        return null;
      }
    };
  } catch {
    return () => null;
  }
}

function entryOf([seq, op, state]: Row): JournalEntry | null {
  try {
    const intent = JSON.parse(op) as Omit<Intent, 'n'>;
    if (!isIntent({ ...intent, n: 0 })) return null;
    return { seq, intent, failed: failureIn(state) };
  } catch {
    return null;
  }
}

/** Why an op was refused; an unreadable state is that of one that waits. */
function failureIn(state: string): JournalEntry['failed'] {
  try {
    const held = JSON.parse(state) as OutboxState;
    return held.is === 'failed' ? { code: held.code, detail: held.detail } : null;
  } catch {
    return null;
  }
}
