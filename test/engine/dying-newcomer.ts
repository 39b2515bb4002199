import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { FAILPOINTS, onFailpoint } from '@parley/sync/core';
import { openEngine } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';

/**
 * A new device that dies at a failpoint while it gets its history: signs in, says one thing when it is told to, and says
 * that it was kept.
 *
 *     node dying-newcomer.ts HOME RELAY PASSWORD WORKSPACE CHANNEL FAILPOINT
 */
const [home = '', relay = '', password = '', ws = '', ch = '', name = ''] = process.argv.slice(2);
if (!FAILPOINTS.some((known) => known === name)) throw new Error(`no such failpoint: ${name}`);
onFailpoint((at) => {
  if (at === name) process.kill(process.pid, 'SIGKILL');
});
const client = (await openEngine({ home })).client();
await client.call('account.login', { relay, email: 'bob@example.test', password });
await once(process.stdin, 'data');
await client.call('message.send', { ws: ws as WorkspaceId, ch: ch as ChannelId, text: `unsent at ${name}` });
writeSync(1, 'kept\n');
