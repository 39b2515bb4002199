import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OpId } from '@parley/sync/model';
import { checkConverged, checkCounts, checkExplained, checkOverlay, readTables } from '@parley/sync/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Office } from './harness/office.ts';
import { Person, TEST_MS } from './harness/person.ts';
import { readRelayFile } from './harness/relay-file.ts';
import { releases, sceneOf, unpack } from './harness/release.ts';

vi.setConfig({ testTimeout: TEST_MS });

let office: Office;
afterEach(() => office.close());

const filesOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

/** A build may choose for itself how far beyond every sequence it places what is not ordered yet. */
const BEYOND = 2 ** 51;

function placed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(placed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'q' && inner > BEYOND ? 'beyond' : placed(inner)]),
  );
}

describe.each(releases())('a home of %s (S33)', (version) => {
  const scene = sceneOf(version);

  it('is taken over with its outbox and drafts, in their order, and shows what it showed', async () => {
    office = new Office();
    const home = unpack(version, 'home', office.home('ann'));
    const ann = await office.with(Person.offline(home));
    ann.ws = scene.workspace;

    const entries = ann.workspace.replica.outbox.entries();
    expect(entries.map(({ intent, state, attempts }) => ({ op: intent, state, attempts }))).toEqual(scene.outbox);
    for (const { query, params, result } of scene.answers) {
      const answer = await ann.client.once(query, params as never);
      expect({ query, params, answer: placed(answer) }).toMatchObject({ query, params, answer: placed(result) });
    }
    // None of this is worth much if the fixture stops holding every state there is.
    expect(new Set(scene.outbox.map(({ state }) => state.is))).toEqual(new Set(['queued', 'sent', 'acked', 'failed']));
    expect(scene.answers.length).toBeGreaterThan(20);
  });

  it('is in the clear no longer once it was opened', async () => {
    office = new Office();
    const home = unpack(version, 'home', office.home('ann'));
    const told = ['Good morning', 'on the train', 'ann@example.test'];
    const tells = () => filesOf(home).filter((file) => told.some((words) => readFileSync(file).includes(words)));
    expect(tells()).toHaveLength(2);
    const ann = await Person.offline(home);
    expect(tells()).toEqual([]);
    await ann.close();
    expect(tells()).toEqual([]);
  });

  it('is left as it is by an engine of the release before that is started on it afterwards', async () => {
    office = new Office();
    const home = unpack(version, 'home', office.home('ann'));
    await (await Person.offline(home)).close();
    const contents = () => filesOf(home).map((file) => [file, readFileSync(file)]);
    const before = contents();
    await expect(Person.of(version, home)).rejects.toThrow();
    expect(contents()).toEqual(before);
    const ann = await office.with(Person.offline(home));
    ann.ws = scene.workspace;
    expect(ann.workspace.replica.outbox.size).toBe(scene.outbox.length);
  });

  it.each(['now', version])('goes on with a relay that runs %s: all that waited arrives, once', async (build) => {
    office = new Office((directory) => unpack(version, 'relay-data', directory));
    await office.serve(build);
    const tap = await office.tap();
    const before = new Set(scene.outbox.filter(({ state }) => state.is === 'failed').map(({ op }) => op.i));
    const ann = await office.with(Person.here(unpack(version, 'home', office.home('ann')), tap.url));
    ann.ws = scene.workspace;
    const bob = await office.with(Person.here(office.home('bob')));
    await bob.signIn(tap.url, 'bob');
    // What names something unknown is tried some times more; then there is nothing left to do.
    await ann.until('sync', {}, ({ state, queued }) => state === 'synced' && queued === 0);
    await Promise.all([ann.do('sync.now', {}), bob.do('sync.now', {})]);
    await Promise.all([ann.synced(), bob.synced()]);

    const { replica } = ann.workspace;
    const left = replica.outbox.entries().map(({ intent, state }) => [intent.i, state.is === 'failed' && state.code]);
    const refused = scene.outbox.filter(({ op, attempts }) => op.k === 'saved.set' && attempts > 0);
    expect(left).toEqual(
      scene.outbox
        .filter(({ op }) => before.has(op.i) || refused.some((entry) => entry.op.i === op.i))
        .map(({ op, state }) => [op.i, state.code ?? 'unknown_ref']),
    );
    expect(refused).toHaveLength(1);
    // The session of the release before is good, and so is its cursor: nobody signed in anew or began from nothing.
    expect(tap.bootstraps).toHaveLength(1);
    expect(await ann.do('sync.verify', {})).toMatchObject({ compared: true, problems: [] });
    const { general = bob.ws as never } = scene.channels;
    expect(await bob.texts(general)).toEqual(await ann.texts(general));
    expect((await ann.ask('draft', { ch: general, root: null })).text).toBe('A draft changed on the train');

    await office.stop();
    const relay = readRelayFile(office.data, scene.workspace);
    const order = relay.facts.map(({ i }) => i);
    const arrived = scene.outbox.map(({ op }) => op.i).filter((id) => !left.some(([op]) => op === id));
    const times = (id: OpId) => order.filter((other) => other === id).length;
    expect(arrived.map(times)).toEqual(arrived.map(() => 1));
    expect(left.map(([id]) => times(id as OpId))).toEqual(left.map(() => 0));
    // In the order in which the person did things.
    const places = arrived.map((id) => order.indexOf(id));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const person of [ann, bob]) {
      const { identity, db } = person.workspace.replica;
      expect([
        ...checkConverged(identity.user, identity.user, relay.view, relay.tables, readTables(db)),
        ...checkCounts(identity.user, person.workspace, relay.tables),
        ...checkExplained(identity.user, person.workspace.replica),
        ...checkOverlay(identity.user, person.workspace.replica),
      ]).toEqual([]);
    }
    relay.close();
  });

  it('that had not fetched everything yet fetches the rest after the upgrade', async () => {
    office = new Office((directory) => unpack(version, 'relay-data', directory));
    await office.serve('now');
    const tap = await office.tap();
    const cleo = await office.with(Person.here(unpack(version, 'half-home', office.home('half')), tap.url));
    cleo.ws = scene.workspace;
    expect((await cleo.ask('sync', {})).fetching).toBeGreaterThan(0);
    await cleo.synced();
    expect(tap.bootstraps).toEqual([]);
    const bob = await office.with(Person.here(office.home('bob')));
    await bob.signIn(tap.url, 'bob');
    const { general = bob.ws as never } = scene.channels;
    expect(await cleo.texts(general)).toEqual(await bob.texts(general));
    expect(await cleo.texts(general)).toContain('From a machine that has not everything yet');
    const found = await Promise.all([cleo, bob].map((person) => person.ask('search', { text: 'morning', limit: 500 })));
    expect(found[0]?.total).toBe(found[1]?.total);
    expect(found[0]?.hits.length).toBeGreaterThan(100);
    expect(await cleo.do('sync.verify', {})).toMatchObject({ compared: true, problems: [] });
  });
});
