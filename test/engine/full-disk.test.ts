import type { CommandError } from '@parley/sync/client';
import { type Engine, nodeEnv } from '@parley/sync/engine';
import type { ChannelId, Queries, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, synced, texts, until } from './world.ts';

let world: EngineWorld;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

/** What a person would wait for takes a moment here; the clock is the real one. */
const quickEnv = {
  ...nodeEnv,
  timer: (ms: number, run: () => void) => nodeEnv.timer(ms >= 1_000 ? ms / 50 : ms, run),
};

/** No page more than there is: SQLite then says what it says of a full disk, and means it. */
function fill(engine: Engine, ws: WorkspaceId): void {
  const { db } = engine.workspace(ws).replica;
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${pages}`);
}
const makeRoom = (engine: Engine, ws: WorkspaceId): void =>
  void engine.workspace(ws).replica.db.exec('PRAGMA max_page_count = 1000000');

const sending = (engine: Engine, ws: WorkspaceId, ch: ChannelId, text: string) =>
  engine
    .client()
    .call('message.send', { ws, ch, text })
    .then(
      () => null,
      (error: unknown) => (error as CommandError).failure,
    );

const LONG = `and so on${' and so on'.repeat(3_500)}`;
/** Long texts by how they begin. */
const begun = (timeline: Queries['timeline']['result']) => texts(timeline).map((text) => text.split(' ')[0]);

describe('a full disk (S42)', () => {
  it('refuses a command in clear words, keeps nothing of it, and takes the next one once there is room', async () => {
    const ann = await world.open('ann', { env: quickEnv });
    const { ws, ch } = await world.signIn(ann, 'ann');
    await ann.client().call('message.send', { ws, ch, text: 'before' });
    await synced(ann, ws);
    const before = await ann.client().once('timeline', latest(ws, ch));
    fill(ann, ws);
    // Short ones may still find a place in a page that is there.
    const failure = await sending(ann, ws, ch, LONG);
    expect(failure).toMatchObject({ code: 'disk_full', detail: expect.stringMatching(/disk.*full.*free some space/) });
    expect(await ann.client().once('timeline', latest(ws, ch))).toEqual(before);
    expect(await ann.client().once('ledger', { ws })).toEqual([]);
    makeRoom(ann, ws);
    expect(await sending(ann, ws, ch, `after ${LONG}`)).toBeNull();
    await synced(ann, ws);
    await world.close(ann);
    // Nor does it come back with the journal.
    const again = await world.open('ann');
    expect(begun(await again.client().once('timeline', latest(ws, ch)))).toEqual(['before', 'after']);
  });

  it('keeps its place in what the relay sends, says why it is not in step, and goes on by itself', async () => {
    const ann = await world.open('ann', { env: quickEnv });
    const bob = await world.open('bob');
    const { ws, ch } = await world.signIn(ann, 'ann');
    await world.signIn(bob, 'bob');
    fill(ann, ws);
    const sent = Array.from({ length: 8 }, (_, n) => `text-${n}`);
    for (const text of sent) expect(await sending(bob, ws, ch, `${text} ${LONG}`)).toBeNull();
    const stuck = await until(ann, 'sync', { ws }, ({ state }) => state === 'offline');
    expect(stuck.detail).toMatch(/disk.*full/);
    // It does not go away by trying.
    await until(ann, 'sync', { ws }, ({ state }) => state === 'connecting' || state === 'syncing');
    await until(ann, 'sync', { ws }, ({ detail }) => /disk.*full/.test(detail));
    expect(await sending(ann, ws, ch, LONG)).toMatchObject({ code: 'disk_full' });
    makeRoom(ann, ws);
    await until(ann, 'timeline', latest(ws, ch), (timeline) => texts(timeline).length === sent.length);
    expect(begun(await ann.client().once('timeline', latest(ws, ch)))).toEqual(sent);
    await synced(ann, ws);
    expect((await ann.client().call('sync.verify', { ws })).problems).toEqual([]);
  });

  it('lets a new device begin once there is room for its copy', async () => {
    const bob = await world.open('bob');
    const { ws, ch } = await world.signIn(bob, 'bob');
    for (let n = 0; n < 5; n++) expect(await sending(bob, ws, ch, `${n} ${LONG}`)).toBeNull();
    await synced(bob, ws);
    const ann = await world.open('ann', { env: quickEnv });
    await ann
      .client()
      .call('account.login', { relay: world.relay.url, email: 'ann@example.test', password: 'a long enough password' });
    // In the turn after signing in: nothing has come yet.
    fill(ann, ws);
    await until(ann, 'sync', { ws }, ({ detail }) => /disk.*full/.test(detail));
    makeRoom(ann, ws);
    await synced(ann, ws);
    await until(ann, 'timeline', latest(ws, ch), (timeline) => texts(timeline).length === 5);
  });
});
