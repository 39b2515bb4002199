import { Worker } from 'node:worker_threads';
import { openReplicaTwice } from '../views/open-replica.ts';
import { addViews, type ViewDatabase } from '../views/view-database.ts';
import type { Answer, Cell, Question } from './answering.ts';
import { statementProblem } from './statements.ts';

/**
 * The process that runs statements. SQLite can't be interrupted from outside while it looks for a row, so whoever has
 * waited long enough ends the process, and no engine goes down with it.
 */

/** Rows sent at a time, and text that is enough for a message sooner. */
const BATCH_ROWS = 500;
const BATCH_CHARS = 1_048_576;

let db: ViewDatabase | null = null;
let rows: IterableIterator<Cell[]> | null = null;
let left = Number.POSITIVE_INFINITY;

/** Whoever asked may be gone, and so will this process be. */
const answer = (message: Answer): void => void process.send?.(message, undefined, undefined, () => {});

function begin(sql: string, limit: number | null): void {
  if (!db) throw new Error('invariant broken: a question before the replica was opened');
  rows = null;
  const problem = statementProblem(sql);
  if (problem) return answer({ is: 'problem', detail: problem });
  const statement = db.prepare(sql);
  if (!statement.reader || !statement.readonly)
    return answer({ is: 'problem', detail: 'The console only reads, and this would write.' });
  answer({ is: 'columns', names: statement.columns().map(({ name }) => name) });
  left = limit ?? Number.POSITIVE_INFINITY;
  rows = statement.safeIntegers().raw().iterate() as IterableIterator<Cell[]>;
  next();
}

const lengthOf = (cell: Cell): number => (typeof cell === 'string' || cell instanceof Uint8Array ? cell.length : 8);

function next(): void {
  if (!rows) return;
  const batch: Cell[][] = [];
  let chars = 0;
  while (batch.length < BATCH_ROWS && chars < BATCH_CHARS) {
    const { value, done } = rows.next();
    if (done || left === 0) {
      if (batch.length) answer({ is: 'rows', rows: batch });
      if (!done) rows.return?.();
      rows = null;
      return answer({ is: 'end', more: !done });
    }
    left -= 1;
    batch.push(value);
    for (const cell of value) chars += lengthOf(cell);
  }
  answer({ is: 'rows', rows: batch });
}

process.on('message', (question: Question) => {
  try {
    switch (question.is) {
      case 'open': {
        const { file, key, values } = question;
        const replica = openReplicaTwice(file, key);
        addViews(replica.db, replica.beside, { values, where: {} });
        db = replica.db;
        return answer({ is: 'ready' });
      }
      case 'ask':
        return begin(question.sql, question.limit);
      case 'more':
        return next();
    }
  } catch (error) {
    rows = null;
    answer({ is: 'problem', detail: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of a terminal; what it means is for the one the person talks to.
process.on('SIGINT', () => {});
// While SQLite looks for a row nothing here is heard, nor that the asking process is gone.
const watch = `setInterval(() => { if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL'); }, 1000)`;
new Worker(watch, { eval: true }).unref();
