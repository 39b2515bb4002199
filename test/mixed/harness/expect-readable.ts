import { expect } from 'vitest';
import { wireOf } from './release.ts';
import type { Tap } from './tap.ts';
import { WireCheck } from './wire-check.ts';

const checks = new Map<string, WireCheck>();

/**
 * Keys a later version added to messages that mean the same without them, so that a device that passes them over reads
 * nothing wrong. What changes the meaning of a message is not for one that doesn't know it.
 */
const HARMLESS = new Set(['rows.chain', 'lag.chains']);

/** Both sides understood each other: everything said could be read by this release, whichever end it stood at. */
export function expectReadable(tap: Tap, release: string): void {
  const check = checks.get(release) ?? new WireCheck(wireOf(release));
  checks.set(release, check);
  expect(tap.up.length && tap.down.length).toBeGreaterThan(0);
  expect(tap.sockets.flatMap(({ unreadable }) => unreadable)).toEqual([]);
  expect(tap.down.flatMap((message) => check.down(message) ?? [])).toEqual([]);
  expect(tap.up.flatMap((message) => check.up(message) ?? [])).toEqual([]);
  expect(tap.bootstraps.flatMap((lines) => check.bootstrap(lines) ?? [])).toEqual([]);
  expect(tap.down.filter(({ m }) => m === 'fault')).toEqual([]);
  const unknown = tap.down.flatMap((message) => check.unknownKeys(message).map((key) => `${message.m}.${key}`));
  expect([...new Set(unknown)].filter((name) => !HARMLESS.has(name))).toEqual([]);
}
