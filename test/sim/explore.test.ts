import type { Push, Verdict } from '@parley/sync/protocol';
import { frameText } from '@parley/sync/testing';
import { describe, expect, it } from 'vitest';
import { explore, replay, STARTS, type Start } from './explore.ts';
import type { StageOptions } from './stage.ts';

const SLOW_MS = 240_000;

describe('the explorer', { timeout: SLOW_MS }, () => {
  it.each([
    ['resting', 'two', 2],
    ['unacknowledged', 'one', 1],
    ['restored', 'two', 1],
    ['swapped', 'one', 1],
  ] as const)(
    'finds that all heals from whatever can be done when %s, of %s, to a depth of %i',
    (start, cast, depth) => {
      const found = explore({ cast, start, depth });
      expect(found.failure).toBeNull();
      expect(found.states).toBeGreaterThan(10);
      // Two ways to what matters alike are one state.
      expect(found.states).toBeLessThan(found.ways);
    },
  );
});

describe('the explorer notices', { timeout: SLOW_MS }, () => {
  it('a device that is not told of another history', () => {
    const forgetful: StageOptions = {
      tamper: (_, frame) => {
        const text = frameText(frame);
        return [text.startsWith('{"m":"welcome"') ? text.replace(/,"fork":"[^"]*"/, '') : frame];
      },
    };
    const found = explore({ cast: 'two', start: 'restored' satisfies Start, depth: 0, ...forgetful });
    expect(found.failure?.actions).toEqual(STARTS.restored);
  });

  it('a relay that acknowledges before it has written', () => {
    const hasty: StageOptions = {
      arriving: (world, connection, frame) => {
        if (!frame.startsWith('{"m":"push"')) return;
        const { ops } = JSON.parse(frame) as Push;
        const verdict: Verdict = {
          m: 'verdict',
          v: ops.map(({ i, n, s }, at) => ({ i, n, ok: true, s, q: (world.relay.heads().get(s) ?? 0) + at + 1 })),
        };
        connection.serverSocket.send(JSON.stringify(verdict));
      },
    };
    const actions = ['a.write', 'relay.before', 'a.up', 'a.down'] as const;
    expect(replay('two', actions, {})).toEqual([]);
    expect(replay('two', actions, hasty).map(({ invariant }) => invariant)).toContain('I1');
  });
});
