import { join } from 'node:path';
import { backUpRelay, restoreRelay } from '@parley/relay';
import { afterEach, expect, it, vi } from 'vitest';
import { expectReadable } from './harness/expect-readable.ts';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { PREVIOUS } from './harness/release.ts';
import { sameFor } from './harness/work.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

it('after a relay was restored from a backup, an engine of the release before begins anew and keeps its outbox', async () => {
  office = new Office();
  await office.found('now');
  const { general } = office;
  const [tap, aside] = [await office.tap(), await office.tap()];
  const old = await office.with(Person.of(PREVIOUS, office.home('old')));
  const now = await office.with(Person.here(office.home('now')));
  await Promise.all([old.signIn(tap.url, 'ann'), now.signIn(aside.url, 'bob')]);
  await now.sees(general, await old.say(general, 'In the backup'));
  const backup = join(office.directory, 'backup');
  await backUpRelay(office.data, backup);
  await now.sees(general, await old.say(general, 'After the backup, from the old engine'));
  await old.sees(general, await now.say(general, 'After the backup, from the new one'));
  await Promise.all([old.synced(), now.synced()]);

  await office.stop();
  await old.until('sync', {}, ({ state }) => state === 'offline');
  const waiting = await old.say(general, 'Written while it was restored');
  await restoreRelay(backup, office.data);
  tap.clear();
  await office.serve('now');
  await Promise.all([old.do('sync.now', {}), now.do('sync.now', {})]);
  await Promise.all([old.sees(general, waiting), now.sees(general, waiting)]);

  // What this build's engine gave back of the lost history reaches the other as any fact does.
  const everything = [
    'In the backup',
    'After the backup, from the old engine',
    'After the backup, from the new one',
    'Written while it was restored',
  ];
  await old.until('timeline', { ch: general, anchor: { at: 'latest' }, before: 50, after: 0 }, ({ messages }) =>
    everything.every((text) => messages.some((message) => message.text === text && !message.pending)),
  );
  await Promise.all([old.synced(), now.synced()]);
  expect([...(await sameFor(general, [old, now]))].sort()).toEqual([...everything].sort());
  expect(tap.bootstraps).toHaveLength(1);
  expect(tap.down.filter(({ m }) => m === 'welcome').map((welcome) => 'fork' in welcome)).toEqual([false]);
  expectReadable(tap, PREVIOUS);
});
