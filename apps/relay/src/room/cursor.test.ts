import { randomBytes, randomFillSync } from 'node:crypto';
import type { WorkspaceId } from '@parley/sync/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CursorSeal, linkMark } from './cursor.ts';

const WORKSPACE = '11111111-1111-7111-8111-111111111111' as WorkspaceId;
const OTHER = '22222222-2222-7222-8222-222222222222' as WorkspaceId;
const random = (bytes: Uint8Array) => randomFillSync(bytes);
const secret = randomBytes(32);
const epoch = randomBytes(8).toString('hex');
const link = linkMark(randomBytes(16));
const fresh = () => new CursorSeal(secret, WORKSPACE, random);
const seal = fresh();

it('a token says what was sealed, at every position', () => {
  for (const position of [0, 1, 2 ** 32, 2 ** 47])
    for (const at of [null, link]) {
      const cursor = { epoch, position, link: at };
      expect(seal.open(fresh().seal(cursor))).toEqual(cursor);
    }
});

it('all sockets at one position get the same bytes', () => {
  expect(seal.seal({ epoch, position: 5, link })).toBe(seal.seal({ epoch, position: 5, link }));
  expect(seal.seal({ epoch, position: 6, link })).not.toBe(seal.seal({ epoch, position: 5, link }));
});

it('a token of another workspace, of another relay, or changed in any bit is none', () => {
  const token = seal.seal({ epoch, position: 77, link });
  expect(new CursorSeal(secret, OTHER, random).open(token)).toBeNull();
  expect(new CursorSeal(randomBytes(32), WORKSPACE, random).open(token)).toBeNull();
  const bytes = Buffer.from(token, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const forged = Buffer.from(bytes);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(seal.open(forged.toString('base64url'))).toBeNull();
  }
});

it('no string is mistaken for a token', () => {
  fc.assert(fc.property(fc.string({ maxLength: 120 }), (text) => seal.open(text) === null));
  expect(seal.open(`${seal.seal({ epoch, position: 1, link })} `)).toBeNull();
});
