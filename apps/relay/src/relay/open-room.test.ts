import { Writable } from 'node:stream';
import { newId } from '@parley/sync/model';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { CursorSeal } from '../room/cursor.ts';
import { ScriptedWire } from '../room/testing/scripted-wire.ts';
import { testRelay } from './testing.ts';

it('an alarm is logged with the workspace and what it is about', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const fixture = await testRelay(pino({ level: 'error' }, sink));
  try {
    const { relay, workspace, owner } = fixture;
    const room = relay.rooms.get(workspace);
    const epoch = room?.bootstrap(owner)?.epoch ?? '';
    const random = (bytes: Uint8Array) => relay.env.random(bytes);
    const ahead = new CursorSeal(relay.secret, workspace, random).seal({ epoch, position: 1_000, link: null });
    const device = newId<never>(relay.env.now(), random);
    const hello = { m: 'hello', p: PROTOCOL_VERSION, token: '', ws: workspace, device, cursor: ahead } as const;
    room?.join(new ScriptedWire(), hello, { user: owner, device });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ msg: 'alarm', workspace, what: expect.stringContaining('gone backwards') }),
    ]);
  } finally {
    fixture.remove();
  }
});
