import { randomFillSync } from 'node:crypto';
import { type ChannelId, conversationStream, type Intent, type MessageId, newId } from '@parley/sync/model';
import { checkConverged, readTables } from '@parley/sync/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { readRelayFile } from './harness/relay-file.ts';
import { PREVIOUS } from './harness/release.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

/** An op that only the newer build knows: a kind of its own, or the later version of one. */
function newerOp(ch: ChannelId, k: 'zz.thing' | 'msg.edit', msg: MessageId): Omit<Intent, 'n'> {
  const now = Date.now();
  const body = k === 'zz.thing' ? { msg, text: 'said louder' } : { msg, text: 'put otherwise', tone: 'formal' };
  const i = newId(now, (bytes) => randomFillSync(bytes));
  return { i, s: conversationStream(ch), k, v: k === 'zz.thing' ? 1 : 2, t: now, b: body };
}

const write = (person: Person, intent: Omit<Intent, 'n'>): Promise<unknown> | undefined =>
  person.program?.ask({ do: 'write', ws: person.ws, intent });

it('facts of a newer build are kept unread, and read after the upgrade, as the relay has them', async () => {
  office = new Office();
  await office.found('newer');
  const { general } = office;
  const tap = await office.tap();
  const ann = await office.with(Person.of('newer', office.home('ann')));
  const bob = await office.with(Person.here(office.home('bob')));
  const cleo = await office.with(Person.of(PREVIOUS, office.home('cleo')));
  await Promise.all([ann.signIn(tap.url, 'ann'), bob.signIn(tap.url, 'bob'), cleo.signIn(tap.url, 'cleo')]);
  const one = await ann.say(general, 'One');
  const two = await ann.say(general, 'Two');
  await Promise.all([bob.sees(general, two), cleo.sees(general, two)]);

  await write(ann, newerOp(general, 'zz.thing', one));
  await write(ann, newerOp(general, 'msg.edit', two));
  const three = await ann.say(general, 'Three');
  // The stream goes on for those who could not read what came between.
  await Promise.all([bob.sees(general, three), cleo.sees(general, three)]);
  await ann.synced();
  expect(await ann.texts(general)).toEqual(['SAID LOUDER', 'put otherwise (formal)', 'Three']);
  for (const person of [bob, cleo]) expect(await person.texts(general)).toEqual(['One', 'Two', 'Three']);
  for (const person of [bob, cleo]) {
    await person.sees(general, await person.say(general, 'We are still here'));
    await person.synced();
  }
  // Nobody was sent away for it, and nobody asked for it again and again.
  expect(tap.sockets).toHaveLength(3);
  expect(tap.down.filter(({ m }) => m === 'bye' || m === 'fault')).toEqual([]);
  expect(tap.up.filter(({ m }) => m === 'need')).toEqual([]);

  // Days later both are upgraded: from a home of this build, and from one of the release before.
  await Promise.all([bob.close(), cleo.close()]);
  await ann.sees(general, await ann.say(general, 'While they were away'));
  const upgraded = await Promise.all(
    (['bob', 'cleo'] as const).map(async (name) => {
      const person = await office.with(Person.of('newer', office.home(name)));
      person.ws = office.workspace;
      await person.sees(general, one, ({ text }) => text === 'SAID LOUDER');
      await person.synced();
      return person;
    }),
  );
  for (const person of upgraded) {
    expect(await person.texts(general)).toEqual(await ann.texts(general));
    expect(await person.do('sync.verify', {})).toMatchObject({ compared: true, problems: [] });
    await person.close();
  }

  // Row for row what the relay has.
  await office.stop();
  const relay = readRelayFile(office.data, office.workspace);
  for (const name of ['bob', 'cleo']) {
    const reader = await office.with(Person.offline(office.home(name)));
    reader.ws = office.workspace;
    const { identity, db } = reader.workspace.replica;
    expect(checkConverged(name, identity.user, relay.view, relay.tables, readTables(db))).toEqual([]);
  }
  relay.close();
});

it.each(['now', PREVIOUS])(
  'a relay that runs %s refuses what it does not know, in words; upgraded, it takes it',
  async (build) => {
    office = new Office();
    await office.found(build);
    const { general } = office;
    const tap = await office.tap();
    const ann = await office.with(Person.of('newer', office.home('ann')));
    await ann.signIn(tap.url, 'ann');
    const one = await ann.say(general, 'One');
    await ann.sees(general, one);
    const op = newerOp(general, 'zz.thing', one);
    await write(ann, op);
    const [refused] = await ann.until('ledger', {}, (entries) => entries.some(({ state }) => state === 'failed'));
    expect(refused).toMatchObject({ id: op.i, code: 'unknown_kind' });
    expect(refused?.detail).toMatch(/zz\.thing/);
    // It holds nothing up.
    await ann.sees(general, await ann.say(general, 'Two'));
    expect(tap.sockets.flatMap(({ down }) => down).filter(({ m }) => m === 'fault')).toEqual([]);

    await office.serve('newer');
    await ann.do('sync.now', {});
    await ann.do('ledger.retry', { op: op.i });
    await ann.sees(general, one, ({ text }) => text === 'SAID LOUDER');
    expect(await ann.ask('ledger', {})).toEqual([]);
  },
);
