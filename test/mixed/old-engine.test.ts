import { afterEach, expect, it, vi } from 'vitest';
import { expectReadable } from './harness/expect-readable.ts';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { PREVIOUS } from './harness/release.ts';
import { comeBack, sameFor, workTogether } from './harness/work.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

it('an engine of the release before works with this relay, and is sent nothing it can’t read', async () => {
  office = new Office();
  await office.found('now');
  const { general } = office;
  const [tap, aside] = [await office.tap(), await office.tap()];
  const old = await office.with(Person.of(PREVIOUS, office.home('old')));
  const now = await office.with(Person.here(office.home('now')));
  await Promise.all([old.signIn(tap.url, 'ann'), now.signIn(aside.url, 'bob')]);
  await workTogether(office, old, now);

  // The relay goes away and comes back.
  await office.stop();
  await Promise.all([old, now].map((person) => person.until('sync', {}, ({ state }) => state === 'offline')));
  const written = [await old.say(general, 'Written while the relay was away'), await now.say(general, 'So was this')];
  await office.serve('now');
  await comeBack(general, written, [old, now]);

  expect(await sameFor(general, [old, now])).toHaveLength(4);
  expectReadable(tap, PREVIOUS);
  // Every socket was welcomed in the version its engine speaks, and only the restart ended one.
  const welcomes = [1, 1].map((p) => expect.objectContaining({ m: 'welcome', p }));
  expect(tap.sockets.map(({ down }) => down[0])).toEqual(welcomes);
  expect(aside.sockets.map(({ down }) => down[0]?.p)).toEqual([2, 2]);
});
