import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OPS } from '../model/mod.ts';
import { Down } from './down.ts';
import { Up } from './up.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './version.ts';

/**
 * What the wire looked like in each version. A released line is never changed: when this test fails, add a version (and
 * its dated line in `version.ts`), or take back the change of the schema.
 */
const HASHES: Readonly<Record<number, string>> = {
  1: '10899dd226f753d5adbafce11e024fc7bce359c383429403d45159f5bedd1090',
  2: 'fa9aa82a1cb39da352d9039e5a2dbdef90c56b92a8cd6fbaaf4a8e5ff22422d1',
};

/** Schemas with their keys in order, so that moving a field in the source changes nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex');

const ops = Object.fromEntries(
  Object.entries(OPS).map(([kind, { stream, from, body }]) => [kind, { stream, from, body }]),
);

describe('the wire (S24)', () => {
  it('has not changed since its version was given', () => {
    expect(hashOf({ Up, Down, ops })).toBe(HASHES[PROTOCOL_VERSION]);
  });

  it('would have another hash if anything in a message changed', () => {
    expect(hashOf({ Up, Down, ops: { ...ops, 'msg.edit': ops['msg.delete'] } })).not.toBe(hashOf({ Up, Down, ops }));
  });

  it('is served in this version and at most the one before', () => {
    expect(OLDEST_PROTOCOL_VERSION).toBeGreaterThanOrEqual(PROTOCOL_VERSION - 1);
    expect(OLDEST_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
  });
});
