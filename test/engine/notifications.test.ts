import type { Engine } from '@parley/sync/engine';
import type { ChannelId, MessageId, WorkspaceId } from '@parley/sync/model';
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

const say = async (who: Engine, text: string, where = ch): Promise<MessageId> => {
  const { id } = await who.client().call('message.send', { ws, ch: where, text });
  await synced(who, ws);
  return id as string as MessageId;
};
const me = (engine: Engine) => engine.workspace(ws).replica.identity.user;
const set = (engine: Engine, key: string, value: unknown) =>
  engine.client().call('pref.set', { ws, key, value: JSON.stringify(value) });
const told = async (engine: Engine) =>
  (await engine.client().once('notifications', { ws })).latest.map(({ text, count }) => (count > 1 ? count : text));
const heard = (engine: Engine, text: string) =>
  until(engine, 'timeline', { ...latest(ws, ch), before: 100 }, ({ messages }) =>
    messages.some((row) => row.text === text),
  );

describe('a person is told', () => {
  it('of what names them and what is written to them, as it comes, in plain words', async () => {
    await say(ann, 'nothing for you');
    await say(ann, `hello <@${me(bob)}>, look`);
    const { ch: direct } = await ann.client().call('channel.direct', { ws, users: [me(bob)] });
    await say(ann, 'just us', direct);
    const { latest: list } = await until(bob, 'notifications', { ws }, (view) => view.latest.length === 2);
    expect(list).toMatchObject([
      { text: 'hello @Bob, look', name: 'ann', channel: '#general', thread: null },
      { text: 'just us', channel: '' },
    ]);
    expect(await told(ann)).toEqual([]);
  });

  it('by their rules, which go for all their devices', async () => {
    await set(bob, 'notify.level', 'nothing');
    await say(ann, `one <@${me(bob)}>`);
    await heard(bob, `one <@${me(bob)}>`);
    expect(await told(bob)).toEqual([]);
    await set(bob, 'notify.level', 'mentions');
    await set(bob, 'notify.keywords', ['harbour']);
    await say(ann, 'The Harbour is open');
    await until(bob, 'notifications', { ws }, (view) => view.latest.length === 1);
    await bob.client().call('channel.prefs', { ws, ch, mute: true });
    await say(ann, 'the harbour is shut');
    await heard(bob, 'the harbour is shut');
    expect(await told(bob)).toEqual(['The Harbour is open']);
    const nonsense = {
      'notify.level': 7,
      'notify.keywords': 'x',
      'notify.quiet': { from: -1 },
      'notify.paused': 'soon',
    };
    for (const [key, value] of Object.entries(nonsense)) await set(bob, key, value);
    await bob.client().call('channel.prefs', { ws, ch, mute: false });
    await say(ann, `two <@${me(bob)}>`);
    await until(bob, 'notifications', { ws }, (view) => view.latest.length === 2);
  });

  it('of many at once together, and of nothing that they read meanwhile elsewhere', async () => {
    const home = await world.open('bob-2');
    await world.signIn(home, 'bob');
    await world.close(bob);
    for (let at = 0; at < 6; at++) await say(ann, `<@${me(home)}> ${at}`);
    await home.client().call('read.mark', { ws, ch, ord: 2 });
    await synced(home, ws);
    const again = await world.open('bob');
    await until(again, 'notifications', { ws }, (view) => view.latest.length > 0);
    expect(await told(again)).toEqual([4]);
  });
});

describe('why', () => {
  it('is what decided, also long after', async () => {
    const named = await say(ann, `<@${me(bob)}>`);
    const plain = await say(ann, 'by the way');
    await until(bob, 'timeline', latest(ws, ch), ({ messages }) => messages.length === 2);
    const why = (msg: MessageId) => bob.client().once('whyNotified', { ws, msg });
    expect(await why(named)).toEqual({ notify: true, cause: 'mention', bar: null, keyword: null });
    expect(await why(plain)).toMatchObject({ notify: false, bar: 'not_concerned' });
    await set(bob, 'notify.paused', Date.now() + 60_000);
    expect(await why(named)).toMatchObject({ notify: false, cause: 'mention', bar: 'paused' });
    await bob.client().call('read.mark', { ws, ch });
    expect(await why(named)).toMatchObject({ notify: false, bar: 'read' });
    expect(await why('0195c3a0-0000-7000-8000-000000000009' as MessageId)).toBeNull();
  });
});
