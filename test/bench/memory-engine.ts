/**
 * An engine at rest: opened, connected, in step, asked for the sidebar and a page, and then left alone. Answers its parent
 * as measured servers do. `memory-engine.ts HOME RELAY EMAIL PASSWORD`.
 */
import { openEngine } from '@parley/sync/engine';
import { must } from '@parley/sync/model';
import { answerParent, tell } from './fanout/child.ts';

const [home = '', relay = '', email = '', password = ''] = process.argv.slice(2);
const engine = await openEngine({ home });
const client = engine.client();
const { workspaces } = await client.call('account.login', { relay, email, password });
const ws = must(workspaces[0], 'a workspace').id;
await new Promise<void>((resolve) => {
  client.watch('sync', { ws }, (sync) => {
    if (sync?.state === 'synced') resolve();
  });
});
const sidebar = await new Promise<{ conversations: readonly { id: string }[] }>((resolve) => {
  client.watch('sidebar', { ws }, (answer) => {
    if (answer?.conversations.length) resolve(answer);
  });
});
const ch = must(sidebar.conversations[0], 'a conversation').id as never;
client.watch('timeline', { ws, ch, anchor: { at: 'latest' }, before: 50, after: 0 }, () => {});
tell({ listening: 0 });
answerParent();
