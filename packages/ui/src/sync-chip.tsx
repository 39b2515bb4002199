import { classNames } from './class-names.ts';
import { AlertIcon, CheckIcon, OfflineIcon, SyncingIcon } from './icons.ts';
import { t } from './strings.ts';
import css from './sync-chip.module.css';

export interface SyncChipProps {
  state: 'offline' | 'connecting' | 'bootstrapping' | 'syncing' | 'synced' | 'diverged' | 'signed_out' | 'refused';
  queued: number;
  failed: number;
  detail: string;
  onOpen(): void;
}

/** What the chip says: a refusal before everything else, for only the person can end it. */
export function syncLabel({ state, queued, failed }: Pick<SyncChipProps, 'state' | 'queued' | 'failed'>): string {
  if (failed > 0 || state === 'refused' || state === 'diverged') return t('sync.action');
  switch (state) {
    case 'signed_out':
      return t('sync.signedOut');
    case 'offline':
      return queued > 0 ? t('sync.offlineQueued', { count: queued }) : t('sync.offline');
    case 'connecting':
      return t('sync.connecting');
    case 'bootstrapping':
      return t('sync.bootstrapping');
    case 'syncing':
      return queued > 0 ? t('sync.syncingCount', { count: queued }) : t('sync.syncing');
    case 'synced':
      return queued > 0 ? t('sync.syncingCount', { count: queued }) : t('sync.synced');
  }
}

/** The footer of the sidebar: how this replica stands with the relay. Opens the ledger. */
export function SyncChip({ state, queued, failed, detail, onOpen }: SyncChipProps) {
  const label = syncLabel({ state, queued, failed });
  const needs = failed > 0 || state === 'refused' || state === 'diverged' || state === 'signed_out';
  const icon = needs ? (
    <AlertIcon size={15} />
  ) : state === 'offline' ? (
    <OfflineIcon size={15} />
  ) : state === 'synced' && queued === 0 ? (
    <CheckIcon size={15} />
  ) : (
    <SyncingIcon size={14} className={css.turning} />
  );
  return (
    <button
      type="button"
      className={classNames(css.chip, needs && css.needs)}
      title={detail || undefined}
      aria-label={t('sync.open', { state: label })}
      onClick={onOpen}
    >
      <span className={css.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={css.label} role="status">
        {label}
      </span>
    </button>
  );
}
