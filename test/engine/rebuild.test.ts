import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rebuildRelay, relayCommand } from '@parley/relay';
import { type Engine, openClearDatabase } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { writeReplicaCopy } from '@parley/sync/replica';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, PASSWORD, synced, texts, until } from './world.ts';

let world: EngineWorld;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

/** What `parley export --format replica` writes. */
function copyOf(engine: Engine, ws: WorkspaceId, name: string): string {
  const path = join(world.directory, `${name}.copy`);
  const copy = openClearDatabase(path);
  const { replica } = engine.workspace(ws);
  writeReplicaCopy(replica.db, copy, { ...replica.identity, made: Date.now() });
  copy.close();
  return path;
}

const rebuild = (from: readonly string[], owner = 'ann@example.test') =>
  rebuildRelay({ data: world.data, from, owner, password: PASSWORD });

describe('a relay that is lost with its disk', () => {
  let ann: Engine;
  let bob: Engine;
  let ws: WorkspaceId;
  let ch: ChannelId;
  let secret: ChannelId;

  beforeEach(async () => {
    ann = await world.open('ann');
    bob = await world.open('bob');
    ({ ws, ch } = await world.signIn(ann, 'ann'));
    await world.signIn(bob, 'bob');
    await ann.client().call('message.send', { ws, ch, text: 'from ann' });
    await synced(ann, ws);
    await bob.client().call('message.send', { ws, ch, text: 'from bob' });
    ({ ch: secret } = await bob.client().call('channel.create', { ws, private: true, name: 'bobs' }));
    await bob.client().call('message.send', { ws, ch: secret, text: 'only bob reads this' });
    await synced(bob, ws);
    await until(ann, 'timeline', latest(ws, ch), (timeline) => texts(timeline).length === 2);
    await bob.client().call('read.mark', { ws, ch });
    await synced(bob, ws);
    await world.stopRelay();
    rmSync(world.data, { recursive: true });
  });

  it('is rebuilt from what its people hold, and they go on (L6)', async () => {
    await ann.client().call('message.send', { ws, ch, text: 'written while it was gone' });
    const rebuilt = await rebuild([copyOf(ann, ws, 'ann'), copyOf(bob, ws, 'bob')]);
    expect(rebuilt).toMatchObject({
      workspace: { id: ws, name: 'Acme' },
      lost: { conversations: [], partial: [], people: [], conflicts: [] },
    });
    await relayCommand(world.data, 'user.add', {
      email: 'bob@example.test',
      name: 'Bob',
      claim: 'bob',
      password: PASSWORD,
    });
    await world.startRelay();
    await world.signIn(ann, 'ann');
    await world.signIn(bob, 'bob');
    const expected = ['from ann', 'from bob', 'written while it was gone'];
    for (const engine of [ann, bob])
      await until(engine, 'timeline', latest(ws, ch), (timeline) => texts(timeline).join() === expected.join());
    expect(texts(await bob.client().once('timeline', latest(ws, secret)))).toEqual(['only bob reads this']);
    for (const engine of [ann, bob])
      expect(await engine.client().call('sync.verify', { ws })).toMatchObject({ compared: true, problems: [] });
  });

  it('from one replica alone says what nobody brought', async () => {
    const { lost, workspace } = await rebuild([copyOf(ann, ws, 'ann')]);
    expect(workspace.id).toBe(ws);
    const bobs = ann.workspace(ws).replica.db.prepare(`SELECT id FROM user WHERE handle = 'bob'`).get() as {
      id: string;
    };
    expect(lost).toMatchObject({ conversations: [], people: [{ id: bobs.id, name: '@bob' }], conflicts: [] });
    // Bob is in the channel all the same.
    await relayCommand(world.data, 'user.add', {
      email: 'bob@example.test',
      name: 'Bob',
      claim: 'bob',
      password: PASSWORD,
    });
    await world.startRelay();
    const fresh = await world.open('bob-again');
    const { ch: found } = await world.signIn(fresh, 'bob');
    expect(found).toBe(ch);
    expect(texts(await fresh.client().once('timeline', latest(ws, ch)))).toEqual(['from ann', 'from bob']);
  });

  it('is not rebuilt from what is no copy, for who is no owner, or over another', async () => {
    const copy = copyOf(ann, ws, 'ann');
    await expect(rebuild([join(world.directory, 'nowhere')])).rejects.toThrow(/not there/);
    await expect(rebuild([join(world.home('ann'), 'home.db')])).rejects.toThrow(/can't be used/);
    await expect(rebuild([copy], 'bob@example.test')).rejects.toThrow(/no owner/);
    expect(existsSync(world.data)).toBe(false);
    await rebuild([copy]);
    await expect(rebuild([copy])).rejects.toThrow(/already/);
  });
});
