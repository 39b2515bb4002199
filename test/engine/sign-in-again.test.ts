import { nodeEnv, type RoomEnv } from '@parley/relay/room';
import type { Engine } from '@parley/sync/engine';
import type { ChannelId, SyncState, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, PASSWORD, synced, texts, until } from './world.ts';

const DAY_MS = 24 * 3_600_000;
/** How often a relay looks at its sessions, and how long it waits for a new token. */
const [HEARTBEAT_MS, NEW_TOKEN_MS] = [30_000, 15_000];
/** What these last here; a busy machine answers a heartbeat within that. */
const [BEAT_MS, TOKEN_MS] = [700, 1_500];

let world: EngineWorld;
let ann: Engine;
let bob: Engine;
let ws: WorkspaceId;
let ch: ChannelId;
let ahead = 0;
let beats = 0;
let onBeat = () => {};

/** The relay’s time: ahead of the machine’s by what a test says, and without the waits it would have to sit out. */
const env: RoomEnv = {
  ...nodeEnv,
  now: () => Date.now() + ahead,
  timer: (ms, run) => {
    if (ms !== HEARTBEAT_MS) return nodeEnv.timer(ms === NEW_TOKEN_MS ? TOKEN_MS : ms, run);
    return nodeEnv.timer(BEAT_MS, () => {
      run();
      beats += 1;
      onBeat();
    });
  },
};

/** Waits until the relay has looked at its sessions this often. */
const looks = (times: number) =>
  new Promise<void>((resolve) => {
    const end = beats + times;
    onBeat = () => {
      if (beats >= end) resolve();
    };
  });

beforeEach(async () => {
  ahead = 0;
  world = await EngineWorld.make();
  await world.stopRelay();
  await world.startRelay({ env });
  [ann, bob] = [await world.open('ann'), await world.open('bob')];
  ({ ws, ch } = await world.signIn(ann, 'ann'));
  await world.signIn(bob, 'bob');
});
afterEach(() => world.end());

const signIn = (engine: Engine, name: string) =>
  engine.client().call('account.login', { relay: world.relay.url, email: `${name}@example.test`, password: PASSWORD });

const heard = (engine: Engine, text: string) =>
  until(engine, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes(text));

describe('a session (S29)', () => {
  it('that runs out on a live connection ends it; what is written waits, and goes out after signing in again', async () => {
    const shown: (readonly string[])[] = [];
    const stop = ann.client().watch('timeline', latest(ws, ch), (timeline) => {
      if (timeline) shown.push(texts(timeline));
    });
    await ann.client().call('message.send', { ws, ch, text: 'before' });
    await heard(bob, 'before');
    ahead = 61 * DAY_MS;
    const out = await until(ann, 'sync', { ws }, ({ state }) => state === 'signed_out');
    expect(out.detail).toMatch(/sign in again/i);
    await ann.client().call('message.send', { ws, ch, text: 'meanwhile' });
    await until(ann, 'sync', { ws }, ({ state, queued }) => state === 'signed_out' && queued === 1);
    await signIn(ann, 'ann');
    await synced(ann, ws);
    await signIn(bob, 'bob');
    await heard(bob, 'meanwhile');
    // The window that watched from the beginning has seen it all.
    expect(shown.at(-1)).toEqual(['before', 'meanwhile']);
    stop();
  });

  it('is exchanged on the living connection, which goes on past the end of the former one', async () => {
    const states: SyncState[] = [];
    const stop = ann.client().watch('sync', { ws }, (sync) => {
      if (sync) states.push(sync.state);
    });
    await ann.client().call('message.send', { ws, ch, text: 'before' });
    await heard(bob, 'before');
    await signIn(ann, 'ann');
    // Longer than the former session’s connection would have lasted, and than sessions are looked at.
    await looks(4);
    await ann.client().call('message.send', { ws, ch, text: 'after' });
    await heard(bob, 'after');
    await synced(ann, ws);
    expect(new Set(states)).toEqual(new Set(['synced', 'syncing']));
    stop();
    // The next connection is made with the new session too.
    await world.stopRelay();
    await world.startRelay({ env });
    await ann.client().call('sync.now', { ws });
    await synced(ann, ws);
  });
});
