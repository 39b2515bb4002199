import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('waiting before another attempt (S21)', () => {
  it('doubles its range with every failure up to half a minute', () => {
    expect([0, 1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, 0.999_999))).toEqual([
      499, 999, 1_999, 3_999, 29_999, 29_999,
    ]);
  });

  it('may be nothing at all, so that many who lost a relay spread out', () => {
    expect(backoffMs(9, 0)).toBe(0);
  });
});
