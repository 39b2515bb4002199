/**
 * An engine that is opened, asked for the sidebar and for the newest page of a conversation, and tells how long that
 * took. `coldstart-engine.ts HOME [FILE]`: with a file, what was asked of SQLite is written there instead.
 */
import { writeFileSync } from 'node:fs';
import { KEY_BYTES, openDatabase, openEngine } from '@parley/sync/engine';
import { must } from '@parley/sync/model';
import type { SqlStatement } from '@parley/sync/replica';
import { BUSIEST } from './bootstrap-workspace.ts';
import type { Asked } from './coldstart-bare.ts';

const [home = '', file] = process.argv.slice(2);
const asked: Asked[] = [];
if (file) record(asked);
const start = performance.now();
const engine = await openEngine({ home, online: false });
const openMs = performance.now() - start;
// What opening reads is the engine's own affair.
asked.length = 0;
const client = engine.client();
const [entry] = await client.once('workspaces', {});
const ws = must(entry, 'a workspace').id;
const { conversations } = await client.once('sidebar', { ws });
const { id: ch } = must(
  conversations.find(({ name }) => name === BUSIEST),
  'a conversation',
);
const { messages } = await client.once('timeline', { ws, ch, anchor: { at: 'latest' }, before: 50, after: 0 });
const ms = performance.now() - start;
if (messages.length < 50) throw new Error('the page is not a whole one');
if (file) writeFileSync(file, JSON.stringify(asked));
await engine.close();
process.send?.({ ms, openMs });
process.disconnect?.();

/** Notes each statement that is read, with its parameters, on whatever connection of this process. */
function record(into: Asked[]): void {
  const spare = openDatabase(`${file}.spare`, new Uint8Array(KEY_BYTES));
  const driver = Object.getPrototypeOf(spare) as { prepare(sql: string): SqlStatement };
  spare.close();
  const { prepare } = driver;
  driver.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    for (const how of ['get', 'all'] as const) {
      const read = statement[how].bind(statement);
      statement[how] = (...params) => {
        into.push({ sql, how, params: params.flat() as Asked['params'] });
        return read(...params) as never;
      };
    }
    return statement;
  };
}
