import { afterEach, beforeEach, expect, it } from 'vitest';
import { Office } from './harness/office.ts';
import { Person } from './harness/person.ts';
import { PREVIOUS, wireOf } from './harness/release.ts';
import type { Tap } from './harness/tap.ts';
import { WireCheck } from './harness/wire-check.ts';

const check = new WireCheck(wireOf(PREVIOUS));
let office: Office;

beforeEach(() => {
  office = new Office();
});
afterEach(() => office.close());

/** Everything the relay said could be read by the release before, and the other way round. */
function expectReadable(tap: Tap): void {
  expect(tap.sockets.flatMap(({ unreadable }) => unreadable)).toEqual([]);
  expect(tap.down.map((message) => check.down(message)).filter((problem) => problem !== null)).toEqual([]);
  expect(tap.up.map((message) => check.up(message)).filter((problem) => problem !== null)).toEqual([]);
  expect(tap.bootstraps.map((lines) => check.bootstrap(lines)).filter((problem) => problem !== null)).toEqual([]);
  expect(tap.down.filter(({ m }) => m === 'fault')).toEqual([]);
}

it('an engine of the release before works with this relay, and is sent nothing it can’t read', async () => {
  await office.found('now');
  const tap = await office.tap();
  const old = await office.with(Person.of(PREVIOUS, office.home('old')));
  const now = await office.with(Person.here(office.home('now')));
  const aside = await office.tap();
  await Promise.all([old.signIn(tap.url, 'ann'), now.signIn(aside.url, 'bob')]);
  const { general } = office;

  // Both ways, and every kind of thing people do all day.
  const first = await old.say(general, 'From the old engine');
  await now.sees(general, first);
  const second = await now.say(general, 'From the new one');
  await old.sees(general, second);
  await old.do('message.edit', { msg: first, text: 'From the old engine, edited' });
  await now.sees(general, first, ({ text }) => text.endsWith('edited'));
  await now.do('message.react', { msg: first, emoji: '👋', on: true });
  await now.say(general, 'In a thread', { thread: first });
  await old.sees(general, first, ({ reactions, replies }) => reactions.length === 1 && replies === 1);
  await old.do('message.delete', { msg: first });
  await now.sees(general, first, ({ deleted }) => deleted);
  const { ch } = await now.do('channel.create', { name: 'plans', private: true });
  const inside = await now.say(ch, 'What was here before');
  await now.do('channel.invite', { ch, users: [office.people.get('ann') ?? ('' as never)] });
  await old.sees(ch, inside);
  await old.do('draft.set', { ch, root: null, text: 'half a thought' });
  await old.do('read.mark', { ch });
  const direct = await old.do('channel.direct', { users: [office.people.get('bob') ?? ('' as never)] });
  const private_ = await old.say(direct.ch, 'Only you');
  await now.sees(direct.ch, private_);
  await now.do('channel.remove', { ch, user: office.people.get('ann') ?? ('' as never) });
  await old.until('sidebar', {}, ({ conversations }) => conversations.every(({ id }) => id !== ch));

  // The relay goes away and comes back; what was written meanwhile arrives.
  await office.stop();
  const offline = await old.say(general, 'Written while the relay was away');
  const other = await now.say(general, 'So was this');
  await old.until('sync', {}, ({ state }) => state === 'offline');
  await office.serve('now');
  await Promise.all([old.do('sync.now', {}), now.do('sync.now', {})]);
  await Promise.all([now.sees(general, offline), old.sees(general, other)]);
  await Promise.all([old.synced(), now.synced()]);

  expect(await old.texts(general)).toEqual(await now.texts(general));
  const verified = await old.do('sync.verify', {});
  expect(verified).toMatchObject({ compared: true, problems: [] });
  expectReadable(tap);
  // Every socket was welcomed in the version its engine speaks, and only the restart ended one.
  expect(tap.sockets.map(({ down }) => down[0])).toEqual([
    expect.objectContaining({ m: 'welcome', p: 1 }),
    expect.objectContaining({ m: 'welcome', p: 1 }),
  ]);
});
