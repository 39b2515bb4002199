import { readFileSync } from 'node:fs';
import { type Fact, type MessageRow, newId, OPS, type OpId, WORKSPACE_STREAM } from '@parley/sync/model';
import type { Frame, Ops, Verdict } from '@parley/sync/protocol';
import { CANARY, frameText } from '@parley/sync/testing';
import { describe, expect, it } from 'vitest';
import { CROWDS } from './crowd.ts';
import { CY } from './people.ts';
import { numbersIn, rangesOf, shrink } from './shrink.ts';
import type { Tamper } from './sim-device.ts';
import { runSeed, type World } from './world.ts';

const regressions: number[] = JSON.parse(readFileSync(new URL('regressions.json', import.meta.url), 'utf8'));

/** A seed whose people write enough for every tampering to find something to tamper with. */
const BUSY = 105;
const SLOW_MS = 240_000;

const brokenBy = (options: { tamper?: Tamper; settled?: (world: World) => void }): ReadonlySet<string> =>
  new Set(runSeed({ seed: BUSY, ...options }).breaches.map(({ invariant }) => invariant));

const changed =
  (device: string, kind: 'ops' | 'verdict', change: (text: string) => string): Tamper =>
  (name, frame) => {
    const text = frameText(frame);
    return [name === device && text.startsWith(`{"m":"${kind}"`) ? change(text) : frame] as Frame[];
  };

const messages = (frame: Ops): Fact[] => frame.f.filter((fact) => fact.k === 'msg.create');

describe('the simulator', () => {
  it('finds every invariant kept by seeds that failed once, and by a share of fresh ones', { timeout: SLOW_MS }, () => {
    const kinds = new Set<string>();
    const seeds = [...new Set([...regressions, ...Array.from({ length: 25 }, (_, at) => at + 1)])];
    for (const seed of seeds) {
      const outcome = runSeed({ seed });
      expect(outcome.breaches, `seed ${seed}`).toEqual([]);
      for (const kind of outcome.kinds) kinds.add(kind);
    }
    const byPeople = Object.entries(OPS).flatMap(([kind, { from }]) => (from === 'person' ? [kind] : []));
    expect(byPeople.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it.each(CROWDS)(
    'finds every invariant kept where four people are very many, of a workspace that is %s',
    { timeout: SLOW_MS },
    (crowd) => {
      for (let seed = 1; seed <= 6; seed++) expect(runSeed({ seed, crowd }).breaches, `seed ${seed}`).toEqual([]);
    },
  );

  it('tells the same history of the same seed, and another of another', { timeout: SLOW_MS }, () => {
    const first = runSeed({ seed: 7 });
    expect(runSeed({ seed: 7 }).history.digest()).toBe(first.history.digest());
    expect(runSeed({ seed: 8 }).history.digest()).not.toBe(first.history.digest());
  });
});

describe('the simulator notices', { timeout: SLOW_MS }, () => {
  it('nothing where nothing is tampered with', () => {
    expect(brokenBy({})).toEqual(new Set());
  });

  it('a fact that is applied a second time under a new id', () => {
    const twice = changed('ben', 'ops', (text) => {
      const frame = JSON.parse(text) as Ops;
      const f = frame.f.flatMap((fact) => {
        if (fact.k !== 'msg.create') return [fact];
        let n = fact.q;
        return [fact, { ...fact, q: fact.q + 1, i: newId<OpId>(fact.at, (bytes) => bytes.fill(++n & 0xff)) }];
      });
      return JSON.stringify({ ...frame, f });
    });
    expect(brokenBy({ tamper: twice })).toContain('I5');
  });

  it('a fact that is dropped without a gap to show it', () => {
    const dropped = changed('ben', 'ops', (text) => text.replaceAll('"k":"react.add"', '"k":"react.none"'));
    expect(brokenBy({ tamper: dropped })).toContain('I5');
  });

  it('a reducer that forgets a field', () => {
    const forgetful = changed('ada-2', 'ops', (text) => {
      const frame = JSON.parse(text) as Ops;
      for (const fact of messages(frame)) delete (fact as { x?: { tord?: number } }).x?.tord;
      return JSON.stringify(frame);
    });
    expect(brokenBy({ tamper: forgetful })).toContain('I5');
  });

  it('an acknowledgement of what is nowhere', () => {
    const lying = changed('ben', 'verdict', (text) => {
      const frame = JSON.parse(text) as Verdict;
      return JSON.stringify({
        ...frame,
        v: frame.v.map((v) => (v.ok ? v : { i: v.i, n: v.n, ok: true, s: 'w', q: 1 })),
      });
    });
    const broken = brokenBy({ tamper: lying });
    expect(broken).toContain('I1');
    expect(broken).toContain('I7');
  });

  it('a device that is told nothing any more', () => {
    expect(
      brokenBy({
        tamper: (name, frame) => (name === 'cy' && frameText(frame).startsWith('{"m":"ops"') ? [] : [frame]),
      }),
    ).toContain('liveness');
  });

  it('a byte on the wrong wire', () => {
    const leaked = brokenBy({
      settled: (world) => {
        const words = world.relay.log().flatMap(({ text }) => text.match(CANARY) ?? []);
        world.tap.takeWords(CY.user, words);
      },
    });
    expect(leaked).toEqual(new Set(['I8']));
  });

  it('a fact on the wrong wire, and one that was altered on the way', () => {
    const leaked = brokenBy({
      settled: (world) => {
        const own = world.relay.log().find(({ fact }) => fact.s.startsWith('u:') && !fact.s.endsWith(CY.user));
        if (own) world.tap.take(CY.user, `{"m":"ops","f":[${own.text.replace('"v":1', '"v":2')}]}`);
      },
    });
    expect(leaked).toEqual(new Set(['I8', 'I3']));
  });

  it('a row that stayed with somebody who may not see it', () => {
    const kept = brokenBy({
      settled: (world) => {
        const cy = world.devices.find(({ name }) => name === 'cy');
        const hidden = world.relay
          .log()
          .find(({ fact }) => fact.k === 'msg.create' && fact.a !== CY.user && !world.relay.sees(CY.user, fact.s));
        const message = hidden && world.relay.view.get('message', hidden.fact.i);
        if (cy?.workspace && message) insertMessage(cy.workspace.replica.db, message);
      },
    });
    expect(kept).toEqual(new Set(['I5', 'I8']));
  });

  it('counts that are not those one gets by reading', () => {
    const miscounted = brokenBy({
      settled: ({ devices }) => {
        for (const { workspace } of devices) workspace?.replica.db.exec('DELETE FROM mention');
      },
    });
    expect(miscounted).toEqual(new Set(['I9']));
  });

  it('an op that was lost, and one that waits for ever', () => {
    const lost = {
      i: '01a3185c-0000-7000-8000-000000000001' as OpId,
      s: WORKSPACE_STREAM,
      k: 'ws.set',
      v: 1,
      t: 0,
      b: {},
    };
    expect(brokenBy({ settled: ({ devices }) => void devices[0]?.written.add(lost.i) })).toEqual(new Set(['I7']));
    expect(brokenBy({ settled: ({ devices }) => void devices[0]?.workspace?.replica.enqueue([lost]) })).toEqual(
      new Set(['I6']),
    );
  });

  it('an overlay that outlived its ops', () => {
    const stale = brokenBy({
      settled: ({ devices }) => {
        for (const { workspace } of devices) {
          const user = workspace?.replica.confirmed.get('user', workspace.replica.identity.user);
          if (!workspace || !user) continue;
          for (const { intent } of workspace.replica.outbox.entries()) workspace.replica.outbox.delete(intent.i);
          workspace.replica.overlay.put('user', user);
        }
      },
    });
    expect(stale).toContain('I14');
  });
});

describe('a failing history', () => {
  it('is shrunk to the steps it takes', { timeout: SLOW_MS }, async () => {
    // Fails wherever anybody pinned anything, so one deed is enough, and those it needs.
    const options = {
      seed: BUSY,
      settled: (world: World) => {
        if (world.relay.log().some(({ fact }) => fact.k === 'pin.add'))
          world.breaches.push({ invariant: 'pinned', what: '' });
      },
    };
    const { skip, steps } = await shrink(options, new Set(['pinned']), Date.now() + 60_000);
    expect(steps - skip.length).toBeLessThan(steps / 4);
    expect(runSeed({ ...options, skip: new Set(skip) }).breaches).toEqual([{ invariant: 'pinned', what: '' }]);
    expect(numbersIn(rangesOf(skip))).toEqual(skip);
  });
});

function insertMessage(
  db: { prepare(sql: string): { run(...params: readonly (string | number | null)[]): unknown } },
  row: MessageRow,
): void {
  const columns = Object.keys(row);
  db.prepare(
    `INSERT INTO message (${columns.map((c) => `"${c}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  ).run(...(Object.values(row) as (string | number | null)[]));
}
