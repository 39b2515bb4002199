import { describe, expect, it } from 'vitest';
import { syncLabel } from './sync-chip.tsx';

describe('the sync chip', () => {
  it('says a refusal before everything else', () => {
    expect(syncLabel({ state: 'synced', queued: 3, failed: 1 })).toBe('Action needed');
    expect(syncLabel({ state: 'refused', queued: 0, failed: 0 })).toBe('Action needed');
  });

  it('counts what waits', () => {
    expect(syncLabel({ state: 'offline', queued: 2, failed: 0 })).toBe('Offline, 2 queued');
    expect(syncLabel({ state: 'offline', queued: 0, failed: 0 })).toBe('Offline');
    expect(syncLabel({ state: 'syncing', queued: 4, failed: 0 })).toBe('Syncing 4');
    expect(syncLabel({ state: 'synced', queued: 0, failed: 0 })).toBe('Synced');
  });
});
