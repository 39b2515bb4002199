import { execSync } from 'node:child_process';
import { largeWorkspace } from './large-workspace.ts';
import { serve } from './fanout/server.ts';
import { LightSocket } from './fanout/crowd.ts';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { conversationStream, OP_VERSION } from '@parley/sync/model';
import { freshId } from './scene.ts';
const large = await largeWorkspace({ people: 500_000, members: 100_000, devices: 20 });
const ls = () => console.log(execSync(`ls -la ${large.data}/ws`).toString());
ls();
const relay = await serve('./../bootstrap-relay.ts', [large.data]);
ls();
const b = await fetch(`http://127.0.0.1:${relay.port}/v1/bootstrap?ws=${large.workspace}`, { headers: { authorization: `Bearer ${large.devices[0].token}` } });
const { cursor } = JSON.parse((await b.text()).split('\n')[0]);
let acks = 0;
const s = await LightSocket.open(relay.port, '/v1/socket', (p) => { if (p.includes('"m":"verdict"')) acks++; });
s.send(JSON.stringify({ m: 'hello', p: PROTOCOL_VERSION, token: large.devices[0].token, ws: large.workspace, device: large.devices[0].device, cursor }));
let n = 0;
for (let round = 0; round < 4; round++) {
  const c0 = await relay.cpuMicros(); const t0 = performance.now();
  for (let i = 0; i < 200; i++) { n++; s.send(JSON.stringify({ m: 'push', ops: [{ i: freshId(), n, s: conversationStream(large.crowd), k: 'msg.create', v: OP_VERSION, t: Date.now(), b: { text: 'hello there '+n } }] })); while (acks < n) await new Promise((r) => setTimeout(r, 1)); }
  console.log('cpu per msg ms', ((await relay.cpuMicros()) - c0) / 1000 / 200, 'wall', (performance.now() - t0) / 200);
  ls();
}
process.exit(0);
