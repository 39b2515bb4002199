import { createHash } from 'node:crypto';
import { OP_VERSION, OPS } from '@parley/sync/model';
import { OLDEST_PROTOCOL_VERSION } from '@parley/sync/protocol';
import { describe, expect, it } from 'vitest';
import { releases, wireOf } from '../mixed/harness/release.ts';

/** What `schema-hash.test.ts` had recorded of each wire version when it was released. */
const RECORDED: Readonly<Record<number, string>> = {
  1: '10899dd226f753d5adbafce11e024fc7bce359c383429403d45159f5bedd1090',
};

/** A schema as it goes into a file, its keys in order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

const textOf = (value: unknown): string => JSON.stringify(canonical(value));

describe.each(releases())('the wire of %s (S24)', (version) => {
  const wire = wireOf(version);

  it('is kept as it was released', () => {
    const { Up, Down } = wire;
    const ops = Object.fromEntries(
      Object.entries(wire.ops).map(([kind, { stream, from, body }]) => [kind, { stream, from, body }]),
    );
    const hash = createHash('sha256').update(textOf({ Up, Down, ops })).digest('hex');
    expect(hash).toBe(RECORDED[wire.protocol]);
  });

  // A fact of a version that is known is applied by every build that knows the version: its body means the same to all.
  it.skipIf(wire.protocol < OLDEST_PROTOCOL_VERSION || wire.opVersion !== OP_VERSION)(
    'has the op bodies of this build, as long as both give them the same version',
    () => {
      const bodies = Object.entries(OPS).map(([kind, { body }]) => [kind, textOf(body)] as const);
      const theirs = Object.entries(wire.ops).map(([kind, { body }]) => [kind, textOf(body)] as const);
      expect(bodies).toEqual(expect.arrayContaining(theirs));
    },
  );
});
