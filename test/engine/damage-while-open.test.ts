import { writeFileSync } from 'node:fs';
import type { CommandError } from '@parley/sync/client';
import { nodeEnv, replicaFile } from '@parley/sync/engine';
import type { ChannelId, MessageId, Queries, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyOf, overwrite, pagesOf } from './spoil.ts';
import { EngineWorld, synced, texts, until } from './world.ts';

let world: EngineWorld;
let ws: WorkspaceId;
let ch: ChannelId;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

const MESSAGES = 60;

describe('a replica found damaged while it is open (S41)', () => {
  /** A replica of some hundred pages, closed, with one of the named table's pages damaged. */
  async function withDamagedPage(table: string): Promise<readonly MessageId[]> {
    const ann = await world.open('ann');
    ({ ws, ch } = await world.signIn(ann, 'ann'));
    const ids: MessageId[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      const text = `word${n} ${'and so on '.repeat(200)}`;
      ids.push((await ann.client().call('message.send', { ws, ch, text })).id as never);
    }
    await synced(ann, ws);
    await world.close(ann);
    const pages = pagesOf(replicaFile(world.home('ann'), ws), await keyOf(world.home('ann')), table);
    // A leaf in the midst of it: the newest page of the conversation is somewhere else.
    overwrite(replicaFile(world.home('ann'), ws), pages[Math.floor(pages.length / 2)] ?? 0);
    return ids;
  }

  it('by a query: another takes its place without a restart, and every answer follows', async () => {
    await withDamagedPage('message');
    const ann = await world.open('ann');
    await synced(ann, ws);
    const client = ann.client();
    await client.call('draft.set', { ws, ch, root: null, text: 'half a thought' });
    const all = { ws, ch, anchor: { at: 'latest' }, before: 500, after: 0 } as const;
    const whole = await until(ann, 'timeline', all, (timeline) => texts(timeline).length === MESSAGES);
    expect(texts(whole)[30]).toMatch(/^word30 /);
    const { notice } = await synced(ann, ws);
    expect(notice).toMatchObject({ found: 'damaged' });
    expect(await client.once('draft', { ws, ch, root: null })).toEqual({ text: 'half a thought' });
  });

  it('by a command: that one fails in clear words, and the next one works', async () => {
    const ids = await withDamagedPage('message');
    const ann = await world.open('ann');
    await synced(ann, ws);
    const pin = (msg: MessageId) => ann.client().call('message.pin', { ws, msg, on: true });
    let failure: unknown = null;
    let at = 0;
    for (; failure === null && at < ids.length; at++)
      failure = await pin(ids[at] as MessageId).then(
        () => null,
        (error: unknown) => (error as CommandError).failure,
      );
    expect(failure).toMatchObject({ code: 'storage', detail: expect.stringMatching(/damaged.*made anew/) });
    await until(ann, 'sync', { ws }, ({ state, notice }) => state === 'synced' && notice?.found === 'damaged');
    await pin(ids[at - 1] as MessageId);
    const pins = await until(ann, 'pins', { ws, ch }, (messages) => messages.every(({ pending }) => !pending));
    // Those that went before the failing one were on their way, or in the outbox, when it came.
    expect(pins).toHaveLength(at);
  });

  it('by what the relay sends: it comes again, into the one that takes its place', async () => {
    const ids = await withDamagedPage('message');
    const bob = await world.open('bob');
    await world.signIn(bob, 'bob');
    const ann = await world.open('ann');
    await synced(ann, ws);
    for (const msg of ids.slice(20, 40)) await bob.client().call('message.react', { ws, msg, emoji: '👍', on: true });
    await until(ann, 'sync', { ws }, ({ notice }) => notice?.found === 'damaged');
    const all = { ws, ch, anchor: { at: 'latest' }, before: 500, after: 0 } as const;
    const reacted = (timeline: Queries['timeline']['result']): number =>
      timeline.messages.filter(({ reactions }) => reactions.length === 1).length;
    await until(ann, 'timeline', all, (timeline) => reacted(timeline) === 20);
    await synced(ann, ws);
    expect((await ann.client().call('sync.verify', { ws })).problems).toEqual([]);
  });

  it('by the check after an unclean end, though nobody asked for what is damaged', async () => {
    await withDamagedPage('message_words_data');
    writeFileSync(replicaFile(world.home('ann'), ws).replace(/db$/, 'open'), '');
    const logged: string[] = [];
    const ann = await world.open('ann', {
      log: (line) => logged.push(line),
      // The check waits until the app has long been open.
      env: { ...nodeEnv, timer: (ms, run) => nodeEnv.timer(ms === 10_000 ? 1 : ms, run) },
    });
    await until(ann, 'sync', { ws }, ({ notice }) => notice?.found === 'damaged');
    await until(ann, 'search', { ws, text: 'word30', limit: 10 }, ({ total }) => total === 1);
    expect(logged.join()).toMatch(/damaged/);
  });
});
