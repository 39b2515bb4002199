import { classNames } from './class-names.ts';
import { t } from './strings.ts';
import css from './sync-chip.module.css';
import { SyncIcon } from './sync-icon.tsx';
import { type SyncStanding, syncWords } from './sync-words.ts';

export interface SyncChipProps {
  standing: SyncStanding;
  /** What the engine has to say about it. */
  detail: string;
  onOpen(): void;
}

/** The footer of the sidebar: how this replica stands with the relay. Opens the ledger. */
export function SyncChip({ standing, detail, onOpen }: SyncChipProps) {
  const { tone, label, meaning } = syncWords(standing);
  return (
    <button
      type="button"
      className={classNames(css.chip, tone === 'action' && css.action, tone === 'alarm' && css.alarm)}
      title={detail || meaning || undefined}
      aria-label={t('sync.open', { state: label })}
      onClick={onOpen}
    >
      <span className={css.icon}>
        <SyncIcon tone={tone} />
      </span>
      <span className={css.label} role="status">
        {label}
      </span>
    </button>
  );
}
