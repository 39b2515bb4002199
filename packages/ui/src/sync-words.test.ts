import { describe, expect, it } from 'vitest';
import { historyShare, type SyncStanding, syncWords } from './sync-words.ts';

const standing = (state: SyncStanding['state'], rest: Partial<SyncStanding> = {}): SyncStanding => ({
  state,
  queued: 0,
  failed: 0,
  held: 100,
  fetching: 0,
  history: null,
  ...rest,
});
const label = (...of: Parameters<typeof standing>): string => syncWords(standing(...of)).label;
const tone = (...of: Parameters<typeof standing>): string => syncWords(standing(...of)).tone;

const STATES: readonly SyncStanding['state'][] = [
  'offline',
  'connecting',
  'bootstrapping',
  'syncing',
  'synced',
  'diverged',
  'signed_out',
  'refused',
];

describe('the words for a state of sync', () => {
  it('say “Synced” of nothing but synced with nothing under way', () => {
    expect(label('synced')).toBe('Synced');
    for (const state of STATES)
      for (const rest of [{}, { queued: 1 }, { failed: 1 }, { history: { bytes: 10, total: 10 } }, { fetching: 1 }]) {
        const words = syncWords(standing(state, rest));
        const plain = state === 'synced' && !('queued' in rest || 'failed' in rest || 'history' in rest);
        expect(words.label === 'Synced', `${state} ${JSON.stringify(rest)}`).toBe(plain);
        expect(words.tone === 'good').toBe(plain);
      }
  });

  it('count what waits', () => {
    expect(label('offline')).toBe('Offline');
    expect(label('offline', { queued: 2 })).toBe('Offline, 2 queued');
    expect(label('syncing', { queued: 4 })).toBe('Syncing 4');
    expect(label('syncing')).toBe('Syncing');
  });

  it('put a refusal before all that goes on by itself', () => {
    for (const state of ['offline', 'connecting', 'bootstrapping', 'syncing', 'synced'] as const)
      expect(label(state, { queued: 3, failed: 1 })).toBe('Action needed');
    expect(syncWords(standing('synced', { failed: 2 })).meaning).toMatch(/^2 things you wrote could not be sent/);
  });

  it('raise the alarm where the relay is not the one this device knows, whatever else there is', () => {
    for (const rest of [{}, { failed: 1 }, { queued: 7 }]) {
      expect(label('diverged', rest)).toBe('Differs from the relay');
      expect(tone('diverged', rest)).toBe('alarm');
      expect(label('refused', { ...rest, reason: 'log_behind' })).toBe('Relay is older than this device');
      expect(tone('refused', { ...rest, reason: 'log_behind' })).toBe('alarm');
    }
    expect(label('refused')).toBe('Action needed');
    expect(tone('refused')).toBe('alarm');
  });

  it('name a full disk, whether the workspace is open or not', () => {
    for (const state of ['offline', 'refused'] as const)
      expect(label(state, { reason: 'disk_full', queued: 1 })).toBe('Disk full');
  });

  it('tell how far the history has come, and say a hundred of the whole only', () => {
    expect(label('bootstrapping')).toBe('Fetching history');
    expect(label('syncing', { fetching: 3 })).toBe('Fetching history');
    expect(label('syncing', { history: { bytes: 439, total: 1000 } })).toBe('Fetching history 43%');
    expect(label('syncing', { history: { bytes: 999, total: 1000 } })).toBe('Fetching history 99%');
    expect(label('syncing', { history: { bytes: 1000, total: 1000 } })).toBe('Fetching history 100%');
    expect(label('syncing', { history: { bytes: 0, total: 0 } })).toBe('Fetching history');
    expect(label('syncing', { queued: 2, history: { bytes: 1, total: 2 } })).toBe('Syncing 2');
    expect(historyShare({ history: null })).toBeNull();
  });

  it('tell the first connection from the next ones', () => {
    expect(label('connecting', { held: 0 })).toBe('Connecting…');
    expect(label('connecting')).toBe('Reconnecting…');
  });

  it('ask to sign in again', () => {
    expect(label('signed_out', { failed: 1 })).toBe('Signed out');
  });
});
