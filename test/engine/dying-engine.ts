import { writeSync } from 'node:fs';
import { FAILPOINTS, onFailpoint } from '@parley/sync/core';
import { openEngine } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';

/**
 * A process that dies at a failpoint, for tests of what it leaves behind: opens the home offline and sends one message
 * after the other, saying which it was told are kept.
 *
 *     node dying-engine.ts HOME WORKSPACE CHANNEL FAILPOINT TIMES
 */
const [home = '', ws = '', ch = '', name = '', times = ''] = process.argv.slice(2);
if (!FAILPOINTS.some((known) => known === name)) throw new Error(`no such failpoint: ${name}`);

let left = Number(times);
const arm = (): void =>
  onFailpoint((at) => {
    if (at !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  });

if (name.startsWith('salvage.')) arm();
const engine = await openEngine({ home, online: false });
arm();
for (let n = 1; n <= 500; n++) {
  const text = `text-${n} ${'and so on '.repeat(200)}`;
  const { id } = await engine.client().call('message.send', { ws: ws as WorkspaceId, ch: ch as ChannelId, text });
  writeSync(1, `text-${n}\n`);
  // Most of them are thought better of, so that there is something to forget.
  if (n % 10 === 1) continue;
  await engine.client().call('message.delete', { ws: ws as WorkspaceId, msg: id as never });
  writeSync(1, `-text-${n}\n`);
}
