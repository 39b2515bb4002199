import { formatPercent, t } from './strings.ts';

/** How a replica stands with its relay. */
export interface SyncStanding {
  readonly state:
    | 'offline'
    | 'connecting'
    | 'bootstrapping'
    | 'syncing'
    | 'synced'
    | 'diverged'
    | 'signed_out'
    | 'refused';
  /** Ops not yet confirmed, and those refused. */
  readonly queued: number;
  readonly failed: number;
  /** Messages held, and conversations of which older history is still to come. */
  readonly held: number;
  readonly fetching: number;
  readonly history: { readonly bytes: number; readonly total: number } | null;
  /** What stands behind `offline` or `refused`, where there is a word of its own for it. */
  readonly reason?: 'log_behind' | 'disk_full' | null;
}

/** `action`: something for the person to do. `alarm`: something that must not be overlooked. */
export type SyncTone = 'good' | 'busy' | 'away' | 'action' | 'alarm';

export interface SyncWords {
  readonly tone: SyncTone;
  /** A few words: all there is room for in the chip. */
  readonly label: string;
  /** What it means for the person, in a sentence or two; '' where there is nothing to add. */
  readonly meaning: string;
}

/**
 * What is said of a standing, in the chip, in the pane behind it and on the command line. First what must not be
 * overlooked, then what only the person can end, then the rest; "Synced" is said of nothing but `synced`.
 */
export function syncWords(standing: SyncStanding): SyncWords {
  const { state, reason, queued, failed } = standing;
  if (state === 'signed_out')
    return { tone: 'action', label: t('sync.signedOut'), meaning: t('sync.signedOutMeaning') };
  // What that means, the engine says itself.
  if (reason === 'disk_full') return { tone: 'alarm', label: t('sync.diskFull'), meaning: '' };
  if (reason === 'log_behind')
    return { tone: 'alarm', label: t('sync.relayBehind'), meaning: t('sync.relayBehindMeaning') };
  if (state === 'refused') return { tone: 'alarm', label: t('sync.action'), meaning: t('sync.refusedMeaning') };
  if (state === 'diverged') return { tone: 'alarm', label: t('sync.diverged'), meaning: t('sync.divergedMeaning') };
  if (failed > 0)
    return { tone: 'action', label: t('sync.action'), meaning: t('sync.failedMeaning', { count: failed }) };
  if (state === 'offline')
    return {
      tone: 'away',
      label: queued > 0 ? t('sync.offlineQueued', { count: queued }) : t('sync.offline'),
      meaning: t('sync.offlineMeaning'),
    };
  if (state === 'connecting')
    return { tone: 'busy', label: t(standing.held > 0 ? 'sync.reconnecting' : 'sync.connecting'), meaning: '' };
  if (queued > 0) return { tone: 'busy', label: t('sync.syncingCount', { count: queued }), meaning: '' };
  if (state === 'bootstrapping' || standing.history || (state === 'syncing' && standing.fetching > 0))
    return { tone: 'busy', label: historyLabel(standing), meaning: t('sync.historyMeaning') };
  if (state === 'syncing') return { tone: 'busy', label: t('sync.syncing'), meaning: '' };
  return { tone: 'good', label: t('sync.synced'), meaning: t('sync.syncedMeaning') };
}

/** How much of the history that comes in bulk is here, from 0 to 1; null while none comes. */
export function historyShare({ history }: Pick<SyncStanding, 'history'>): number | null {
  return history && history.total > 0 ? Math.min(1, history.bytes / history.total) : null;
}

function historyLabel(standing: SyncStanding): string {
  const share = historyShare(standing);
  return share === null ? t('sync.bootstrapping') : t('sync.bootstrappingShare', { share: formatPercent(share) });
}
