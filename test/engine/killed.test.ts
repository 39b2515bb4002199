import { spawnSync } from 'node:child_process';
import { cpSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Failpoint } from '@parley/sync/core';
import { type Engine, replicaFile } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld, latest, synced, texts } from './world.ts';

const DYING = join(import.meta.dirname, 'dying-engine.ts');

let world: EngineWorld;
let ws: WorkspaceId;
let ch: ChannelId;
let homes = 0;

/** Ann is signed in, and one op is unsent. */
beforeAll(async () => {
  world = await EngineWorld.make();
  const ann = await world.open('ann');
  ({ ws, ch } = await world.signIn(ann, 'ann'));
  await world.stopRelay();
  await ann.client().call('message.send', { ws, ch, text: 'text-0' });
  await world.close(ann);
});
afterAll(() => world.end());

/** Runs the process that dies, in a copy of Ann's home, and says what it was told is kept and what it had dropped. */
function dieAt(at: Failpoint, times: number, spoil: (file: string) => void = () => {}) {
  homes += 1;
  const home = `ann-${homes}`;
  cpSync(world.home('ann'), world.home(home), { recursive: true });
  spoil(replicaFile(world.home(home), ws));
  const child = spawnSync(process.execPath, [DYING, world.home(home), ws, ch, at, String(times)], { encoding: 'utf8' });
  expect([child.signal, child.stderr]).toEqual(['SIGKILL', '']);
  const kept = ['text-0'];
  const dropped: string[] = [];
  for (const line of child.stdout.split('\n').filter(Boolean)) {
    if (!line.startsWith('-')) kept.push(line);
    else {
      dropped.push(line.slice(1));
      kept.splice(kept.indexOf(line.slice(1)), 1);
    }
  }
  return { home, kept, dropped };
}

const unsent = (engine: Engine): string[] =>
  engine
    .workspace(ws)
    .replica.outbox.entries()
    .map(({ intent }) => String(intent.b.text).split(' ')[0] ?? '');

describe('a process killed in the midst of keeping something (S10)', () => {
  it.each<[Failpoint, number]>([
    ['outbox.journaled', 4],
    ['outbox.committed', 5],
    ['journal.rewritten', 2],
  ])(
    'at %s, time %i, loses nothing it had said is kept, and brings back nothing that was dropped',
    async (at, times) => {
      const { home, kept, dropped } = dieAt(at, times);
      const ann = await world.open(home, { online: false });
      const found = unsent(ann);
      // Besides, there may be what was under way: one more, or the last one on its way out.
      const underWay = found.filter((text) => !kept.includes(text));
      expect(found.filter((text) => kept.includes(text))).toEqual(
        kept.filter((text) => found.includes(text) || text !== kept.at(-1)),
      );
      expect(found).toContain('text-0');
      expect(underWay.length).toBeLessThanOrEqual(1);
      expect(found.filter((text) => dropped.includes(text))).toEqual([]);
      expect(new Set(found).size).toBe(found.length);
      await world.close(ann);
    },
  );

  it('right behind the journal, has kept the op of which nobody was told', async () => {
    const { home, kept } = dieAt('outbox.journaled', 1);
    expect(kept).toEqual(['text-0']);
    const ann = await world.open(home, { online: false });
    expect(unsent(ann)).toEqual(['text-0', 'text-1']);
    await world.close(ann);
  });

  it.each<[Failpoint]>([['salvage.read'], ['salvage.aside'], ['salvage.committed']])(
    'while it repairs a damaged replica, at %s: the next one does it to the end',
    async (at) => {
      const { home } = dieAt(at, 1, (file) => truncateSync(file, 3_000));
      const ann = await world.open(home, { online: false });
      expect(unsent(ann)).toEqual(['text-0']);
      expect((await ann.client().once('sync', { ws })).notice).toMatchObject({ saved: 1 });
      await world.close(ann);
    },
  );

  it('leaves what the relay then takes, once', async () => {
    const { home } = dieAt('outbox.journaled', 1);
    await world.startRelay();
    const ann = await world.open(home);
    await synced(ann, ws);
    const found = texts(await ann.client().once('timeline', latest(ws, ch))).map((text) => text.split(' ')[0]);
    expect(found).toEqual(['text-0', 'text-1']);
  });
});
