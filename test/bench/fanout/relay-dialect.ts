import { type ChannelId, conversationStream, OP_VERSION } from '@parley/sync/model';
import { decodeDown, PROTOCOL_VERSION } from '@parley/sync/protocol';
import { freshId } from '../scene.ts';
import type { Dialect } from './load.ts';
import type { RelayHand } from './relay.ts';
import type { Server } from './server.ts';

interface SignedIn {
  readonly token: string;
  readonly device: string;
  readonly workspaces: readonly { readonly id: string }[];
}

/** Signs a few people in; every socket is a connection of one of them, in the channel everyone is in. */
export async function relayDialect(server: Server<RelayHand>): Promise<Dialect> {
  const base = `http://127.0.0.1:${server.port}`;
  const signedIn: SignedIn[] = [];
  for (const person of server.hand.people) {
    const response = await fetch(`${base}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(person),
    });
    if (!response.ok) throw new Error(`sign-in failed: ${await response.text()}`);
    signedIn.push((await response.json()) as SignedIn);
  }
  const ws = signedIn[0]?.workspaces[0]?.id ?? '';
  const bootstrap = await fetch(`${base}/v1/bootstrap?ws=${ws}`, {
    headers: { authorization: `Bearer ${signedIn[0]?.token}` },
  });
  const lines = (await bootstrap.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const cursor = lines[0].cursor as string;
  const channel = lines.flatMap((frame) => frame.tables ?? []).find(({ t, rows }) => t === 'channel' && rows.length)
    .rows[0][0] as ChannelId;
  const s = conversationStream(channel);
  return {
    path: '/v1/socket',
    greet: (socket) => {
      const { token, device } = signedIn[socket % signedIn.length] as SignedIn;
      return [JSON.stringify({ m: 'hello', p: PROTOCOL_VERSION, token, ws, device, cursor })];
    },
    greeted: (payload) => payload.includes('{"m":"welcome"'),
    senders: signedIn.length,
    message: (n, text) =>
      JSON.stringify({
        m: 'push',
        ops: [{ i: freshId(), n, s, k: 'msg.create', v: OP_VERSION, t: Date.now(), b: { text } }],
      }),
    mark: Buffer.from('"k":"msg.create"'),
    acknowledged: (payload, text) => {
      // Small verdicts come as text, many at once deflated.
      if (text && !payload.includes('{"m":"verdict"')) return 0;
      const decoded = decodeDown(text ? payload.toString() : payload);
      if (!decoded.ok || decoded.message.m !== 'verdict') return 0;
      const refused = decoded.message.v.find((verdict) => !verdict.ok);
      if (refused) throw new Error(`refused: ${JSON.stringify(refused)}`);
      return decoded.message.v.length;
    },
  };
}
