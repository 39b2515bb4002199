import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFact, type Fact, MAX_TEXT } from '../model/mod.ts';
import { Office, Prng } from '../testing/mod.ts';
import { decodeDown, decodeUp, encode, encodeJson } from './codec.ts';

const facts = (): readonly Fact[] => {
  const office = new Office();
  const rng = new Prng(5);
  for (let at = 0; at < 80; at++) office.anything(rng);
  return office.facts;
};

describe('frames', () => {
  it('come out as they went in, small and large', () => {
    const all = facts();
    for (const count of [0, 1, all.length]) {
      const message = { m: 'ops' as const, c: 'cursor', f: all.slice(0, count) as Fact[] };
      const frame = encode(message);
      expect(typeof frame).toBe(count > 1 ? 'object' : 'string');
      expect(decodeDown(frame)).toEqual({ ok: true, message: JSON.parse(JSON.stringify(message)) });
    }
  });

  it('from a device are text, whatever they weigh', () => {
    const [fact] = facts();
    const push = {
      m: 'push' as const,
      ops: [{ i: fact?.i, n: 1, s: fact?.s, k: 'msg.create', v: 1, t: 0, b: { text: 'x'.repeat(MAX_TEXT) } }],
    };
    const frame = encode(push as Parameters<typeof encode>[0]);
    expect(typeof frame).toBe('string');
    expect(decodeUp(frame)).toMatchObject({ ok: true });
    expect(decodeUp(encodeJson(JSON.stringify(push)))).toEqual({
      ok: false,
      detail: 'A device sends text frames only.',
    });
  });

  it('hold facts in one encoding: what was decoded encodes to the same bytes', () => {
    for (const fact of facts()) expect(encodeFact(JSON.parse(encodeFact(fact)) as Fact)).toBe(encodeFact(fact));
  });

  it('of a relay that inflate beyond every bound are refused', () => {
    const bomb = deflateRawSync(Buffer.alloc(80 * 1_048_576, 0x20), { level: 9 });
    expect(decodeDown(Buffer.concat([Buffer.from([1]), bomb]))).toMatchObject({ ok: false });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no kind', '{}'],
    ['a kind of another side', '{"m":"welcome"}'],
    ['a kind that is a method of objects', '{"m":"constructor"}'],
    ['a prototype', '{"m":"push","__proto__":{"ops":[]}}'],
    ['an unknown field', '{"m":"heads","r":1,"x":1}'],
    ['a negative number', '{"m":"heads","r":-1}'],
  ])('with %s are refused with words and without an exception', (_, frame) => {
    const decoded = decodeUp(frame);
    expect(decoded.ok).toBe(false);
    expect(!decoded.ok && decoded.detail.length).toBeGreaterThan(0);
  });

  it('name the request they were, where they can, so that its answer finds it', () => {
    expect(decodeUp('{"m":"backfill","r":7,"s":"nowhere","at":null,"limit":1}')).toMatchObject({ ok: false, r: 7 });
  });

  it('of any bytes at all, and of any JSON at all, decode or are refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array()), (frame) => {
        for (const decoded of [decodeUp(frame), decodeDown(frame)]) expect(typeof decoded.ok).toBe('boolean');
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('that were damaged on the way decode or are refused, never both halves', () => {
    const frames = facts().map((fact) => JSON.stringify({ m: 'ops', c: 'c', f: [fact] }));
    fc.assert(
      fc.property(fc.nat(frames.length - 1), fc.nat(), fc.string({ maxLength: 3 }), (which, where, put) => {
        const frame = frames[which] ?? '';
        const at = where % frame.length;
        const decoded = decodeDown(frame.slice(0, at) + put + frame.slice(at + 1));
        if (decoded.ok) expect(decoded.message.m).toBe('ops');
        else expect(decoded.detail).not.toBe('');
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
