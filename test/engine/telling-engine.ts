import { writeSync } from 'node:fs';
import { nodeEnv, openEngine } from '@parley/sync/engine';
import type { WorkspaceId } from '@parley/sync/model';

/**
 * A process that tells in lines of JSON how a workspace stands, or why the home can't be opened, until its input ends;
 * for tests that need a process of a person with fewer rights.
 *
 *     node telling-engine.ts HOME WORKSPACE
 */
const [home = '', ws = ''] = process.argv.slice(2);
const tell = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`);
const quick = { ...nodeEnv, timer: (ms: number, run: () => void) => nodeEnv.timer(Math.min(ms, 100), run) };

try {
  const engine = await openEngine({ home, online: false, env: quick });
  engine
    .client()
    .watch('sync', { ws: ws as WorkspaceId }, ({ state, detail, queued }) => tell({ state, detail, queued }));
  process.stdin.on('end', () => void engine.close()).resume();
} catch (error) {
  tell({ failed: (error as Error).name, detail: (error as Error).message });
}
