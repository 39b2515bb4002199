import type { Engine } from '@parley/sync/engine';
import type { ChannelId, MessageId, Queries, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, synced, until } from './world.ts';

let world: EngineWorld;
let ann: Engine;
let bob: Engine;
let ws: WorkspaceId;
let ch: ChannelId;

beforeEach(async () => {
  world = await EngineWorld.make();
  ({ ann, bob, ws, ch } = await world.annAndBob());
});
afterEach(() => world.end());

const say = async (who: Engine, text: string, thread?: MessageId): Promise<MessageId> => {
  const { id } = await who.client().call('message.send', { ws, ch, text, ...(thread ? { thread } : {}) });
  await synced(who, ws);
  return id as string as MessageId;
};
const me = (engine: Engine) => engine.workspace(ws).replica.identity.user;

const messages = ({ conversations }: Queries['unreads']['result']): readonly string[] =>
  conversations.flatMap((each) => each.messages.map(({ text }) => text));

describe('everything unread', () => {
  it('is listed oldest first, and gone once it is read', async () => {
    await say(ann, 'one');
    await say(ann, 'two');
    await until(bob, 'unreads', { ws }, (list) => messages(list).join() === 'one,two');
    await bob.client().call('read.mark', { ws, ch });
    expect(await bob.client().once('unreads', { ws })).toMatchObject({ conversations: [] });
    // One's own words were never unread.
    expect(await ann.client().once('unreads', { ws })).toMatchObject({ conversations: [] });
  });

  it('leaves out what was deleted, and counts what there is no room for', async () => {
    const sent: MessageId[] = [];
    for (let at = 0; at < 30; at++) sent.push(await say(ann, `number ${at}`));
    await ann.client().call('message.delete', { ws, msg: sent[0] as MessageId });
    const list = await until(bob, 'unreads', { ws }, (all) => all.conversations[0]?.conversation.unread === 29);
    expect(messages(list)[0]).toBe('number 1');
    expect(list.conversations[0]).toMatchObject({ more: 4 });
  });

  it('is not troubled by a conversation that is muted', async () => {
    await bob.client().call('channel.prefs', { ws, ch, mute: true });
    await say(ann, 'quietly');
    await until(bob, 'timeline', latest(ws, ch), (timeline) => timeline.messages.length > 0);
    expect(await bob.client().once('unreads', { ws })).toMatchObject({ conversations: [] });
  });
});

describe('threads', () => {
  it('of one’s own come up with what is new in them, the latest first', async () => {
    const first = await say(ann, 'first root');
    const second = await say(ann, 'second root');
    await until(bob, 'timeline', latest(ws, ch), (timeline) => timeline.messages.length === 2);
    await say(bob, 'to the second', second);
    for (const text of ['a', 'b', 'c']) await say(bob, text, first);
    const list = await until(
      ann,
      'threads',
      { ws, limit: 10 },
      (all) => all.threads.length === 2 && all.threads[0]?.unread === 3,
    );
    expect(
      list.threads.map(({ root, unread, replies }) => [root.text, unread, replies.map(({ text }) => text)]),
    ).toEqual([
      ['first root', 3, ['b', 'c']],
      ['second root', 1, ['to the second']],
    ]);
    await ann.client().call('read.thread', { ws, root: first });
    const read = await ann.client().once('threads', { ws, limit: 1 });
    expect(read).toMatchObject({ threads: [{ unread: 0 }], more: true });
  });

  it('are no longer those of who stopped following them', async () => {
    const root = await say(ann, 'root');
    await until(bob, 'timeline', latest(ws, ch), (timeline) => timeline.messages.length === 1);
    await say(bob, 'reply', root);
    await until(ann, 'threads', { ws, limit: 10 }, ({ threads }) => threads.length === 1);
    await ann.client().call('thread.follow', { ws, root, on: false });
    expect(await ann.client().once('threads', { ws, limit: 10 })).toMatchObject({ threads: [] });
  });
});

describe('activity', () => {
  it('is mentions of one and reactions to one’s words, and nothing one did oneself', async () => {
    const own = await say(bob, 'something clever');
    await bob.client().call('message.react', { ws, msg: own, emoji: '🙂', on: true });
    await until(ann, 'timeline', latest(ws, ch), (timeline) => timeline.messages.length === 1);
    await say(ann, `what do you think, <@${me(bob)}>?`);
    await say(ann, 'nobody in particular');
    const mentioned = await until(bob, 'activity', { ws, limit: 10 }, ({ entries }) => entries.length === 1);
    expect(mentioned.entries[0]).toMatchObject({ kind: 'mention', unread: true, channel: '#general' });
    await ann.client().call('message.react', { ws, msg: own, emoji: '👏', on: true });
    const both = await until(bob, 'activity', { ws, limit: 10 }, ({ entries }) => entries.length === 2);
    expect(both.entries.map(({ kind, message }) => [kind, message.text.slice(0, 9)])).toEqual([
      ['mention', 'what do y'],
      ['reaction', 'something'],
    ]);
    expect(await bob.client().once('activity', { ws, limit: 1 })).toMatchObject({ more: true });
    await bob.client().call('read.mark', { ws, ch });
    expect((await bob.client().once('activity', { ws, limit: 10 })).entries[0]).toMatchObject({ unread: false });
  });
});

describe('later', () => {
  it('has what was put aside, with where it stands, at once and offline', async () => {
    const id = await say(ann, 'read me again');
    await world.stopRelay();
    await ann.client().call('message.save', { ws, msg: id, on: true });
    expect(await ann.client().once('later', { ws })).toMatchObject({
      entries: [{ channel: '#general', message: { text: 'read me again', saved: true } }],
    });
    await ann.client().call('message.save', { ws, msg: id, on: false });
    expect(await ann.client().once('later', { ws })).toMatchObject({ entries: [] });
  });
});

describe('drafts', () => {
  it('are listed with where they belong, until they are sent or thrown away', async () => {
    const root = await say(ann, 'root');
    await ann.client().call('draft.set', { ws, ch, root: null, text: `for <@${me(bob)}>` });
    await ann.client().call('draft.set', { ws, ch, root, text: 'in the thread' });
    expect(await ann.client().once('drafts', { ws })).toMatchObject([
      { channel: '#general', root, text: 'in the thread' },
      { channel: '#general', root: null, text: 'for @Bob' },
    ]);
    await ann.client().call('draft.set', { ws, ch, root, text: '' });
    expect(await ann.client().once('drafts', { ws })).toHaveLength(1);
    expect(await bob.client().once('drafts', { ws })).toEqual([]);
  });
});

describe('preferences', () => {
  it('go to the person’s other devices', async () => {
    const other = await world.open('ann-2');
    await world.signIn(other, 'ann');
    await ann.client().call('pref.set', { ws, key: 'theme', value: '"dark"' });
    expect(await ann.client().once('prefs', { ws })).toMatchObject({ theme: '"dark"' });
    await until(other, 'prefs', { ws }, ({ theme }) => theme === '"dark"');
    await other.client().call('pref.set', { ws, key: 'theme', value: null });
    await until(ann, 'prefs', { ws }, ({ theme }) => theme === undefined);
    expect(await bob.client().once('prefs', { ws })).toEqual({});
  });
});
