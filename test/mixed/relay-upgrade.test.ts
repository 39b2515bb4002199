import { afterEach, expect, it, vi } from 'vitest';
import { expectReadable } from './harness/expect-readable.ts';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { PREVIOUS } from './harness/release.ts';
import { comeBack, sameFor, workTogether } from './harness/work.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

it('a relay is upgraded under engines of both builds, which go on where they were', async () => {
  office = new Office();
  await office.found(PREVIOUS);
  const { general } = office;
  const [tap, aside] = [await office.tap(), await office.tap()];
  const old = await office.with(Person.of(PREVIOUS, office.home('old')));
  const now = await office.with(Person.here(office.home('now')));
  await Promise.all([old.signIn(tap.url, 'ann'), now.signIn(aside.url, 'bob')]);
  await workTogether(office, old, now);
  expectReadable(aside, PREVIOUS);

  await office.stop();
  await Promise.all([old, now].map((person) => person.until('sync', {}, ({ state }) => state === 'offline')));
  const written = [await old.say(general, 'Written during the upgrade'), await now.say(general, 'So was this')];
  aside.clear();
  await office.serve('now');
  await comeBack(general, written, [old, now]);
  expect(await sameFor(general, [old, now])).toHaveLength(4);

  // The engine of this build now speaks this build's version; the other's still gets what it can read.
  expect(aside.down.find(({ m }) => m === 'welcome')).toMatchObject({ p: 2 });
  expect(aside.down.filter(({ m }) => m === 'rows' || m === 'fault')).toEqual([]);
  expectReadable(tap, PREVIOUS);
  // Nobody had to begin anew: the cursors of the relay before are this one's.
  expect([tap.bootstraps.length, aside.bootstraps.length]).toEqual([1, 0]);

  // There is no way back by accident: the relay of the release before says so, and changes nothing.
  await expect(office.serve(PREVIOUS)).rejects.toThrow(/newer relay/);
  await office.serve('now');

  // A device that comes new to the upgraded relay is given the same.
  const fresh = await office.with(Person.here(office.home('fresh')));
  await fresh.signIn(aside.url, 'ann');
  expect(await fresh.texts(general)).toEqual(await old.texts(general));
});
