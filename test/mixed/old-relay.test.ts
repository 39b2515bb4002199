import { afterEach, expect, it, vi } from 'vitest';
import { expectReadable } from './harness/expect-readable.ts';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { PREVIOUS } from './harness/release.ts';
import { comeBack, sameFor, workTogether } from './harness/work.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

it('this engine works with a relay of the release before, in its version, and sends nothing it can’t read', async () => {
  office = new Office();
  await office.found(PREVIOUS);
  const { general } = office;
  const taps = [await office.tap(), await office.tap()] as const;
  const ann = await office.with(Person.here(office.home('ann')));
  const bob = await office.with(Person.here(office.home('bob')));
  await Promise.all([ann.signIn(taps[0].url, 'ann'), bob.signIn(taps[1].url, 'bob')]);
  await workTogether(office, ann, bob);

  await office.stop();
  await Promise.all([ann, bob].map((person) => person.until('sync', {}, ({ state }) => state === 'offline')));
  const written = [await ann.say(general, 'Written while the relay was away'), await bob.say(general, 'So was this')];
  await office.serve(PREVIOUS);
  await comeBack(general, written, [ann, bob]);

  expect(await sameFor(general, [ann, bob])).toHaveLength(4);
  for (const tap of taps) {
    expectReadable(tap, PREVIOUS);
    // What version 2 brought is not spoken of.
    const spoken = new Set(tap.up.map(({ m }) => m));
    for (const kind of ['probe', 'offer', 'sum', 'people']) expect(spoken).not.toContain(kind);
    expect(tap.sockets.filter(({ down }) => down[0]?.m === 'welcome')).not.toHaveLength(0);
  }
});
