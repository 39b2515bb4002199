import type { SyncView } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { syncDocument, syncLines } from './sync-report.ts';

const view: SyncView = {
  state: 'synced',
  queued: 0,
  failed: 0,
  held: 14_203,
  fetching: 0,
  size: 'small',
  behind: 0,
  history: null,
  detail: '',
  reason: null,
  retryAt: 0,
  notice: null,
};

describe('the report of a state of sync', () => {
  it('says what the chip says, what it means and what is held', () => {
    expect(syncLines(view)).toEqual([
      'Synced. Everything the relay has for you is here, and everything you wrote is there.',
      '14,203 messages on this computer',
    ]);
  });

  it('says what waits, what was refused, how far history has come, and why', () => {
    const lines = syncLines({
      ...view,
      state: 'diverged',
      queued: 2,
      failed: 1,
      fetching: 3,
      history: { bytes: 430, total: 1000 },
      detail: 'Two places differ.\u001B[31m',
    });
    expect(lines[0]).toMatch(/^Differs from the relay\. /);
    expect(lines).toContain('Two places differ.\\x1b[31m');
    expect(lines).toContain('14,203 messages on this computer, 3 conversations still being fetched, history at 43%');
    expect(lines).toContain('2 of yours wait to be sent, 1 was refused: parley ledger');
  });

  it('tells what happened to the copy on this computer', () => {
    const notice = { at: 0, found: 'damaged', saved: 3, aside: '/home/x.db', detail: 'It was damaged.' } as const;
    expect(syncLines({ ...view, notice })).toContain('1970-01-01T00:00:00.000Z: It was damaged.');
    expect(syncDocument({ ...view, notice })).toMatchObject({ notice: { found: 'damaged', aside: '/home/x.db' } });
  });

  it('is a document with the same facts', () => {
    expect(syncDocument(view)).toEqual({
      state: 'synced',
      label: 'Synced',
      detail: '',
      reason: null,
      messages: 14_203,
      queued: 0,
      failed: 0,
      fetching: 0,
      behind: 0,
      size: 'small',
      history: null,
      notice: null,
    });
  });
});
