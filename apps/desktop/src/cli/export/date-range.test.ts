import { describe, expect, it } from 'vitest';
import { sinceOf, untilOf } from './date-range.ts';

describe('the time an export is of', () => {
  it('begins and ends with local days', () => {
    expect(sinceOf('2026-03-01')).toBe(new Date(2026, 2, 1).getTime());
    expect(untilOf('2026-03-31')).toBe(new Date(2026, 3, 1).getTime());
  });

  it('takes moments as they are', () => {
    expect(sinceOf('2026-03-01T09:30:00Z')).toBe(Date.UTC(2026, 2, 1, 9, 30));
    expect(untilOf('2026-03-01T09:30')).toBe(new Date(2026, 2, 1, 9, 30).getTime());
  });

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '1.3.2026', '2026-03-01T25:00', '2026-03-01; DROP'])(
    'refuses %j',
    (text) => {
      expect(() => sinceOf(text)).toThrow(/It is a date/);
    },
  );
});
