import { AlarmIcon, AlertIcon, CheckIcon, OfflineIcon, SyncingIcon } from './icons.ts';
import css from './sync-icon.module.css';
import type { SyncTone } from './sync-words.ts';

/** The tone of a sync state as a drawing, so that it never stands in its colour alone. */
export function SyncIcon({ tone, size = 15 }: { tone: SyncTone; size?: number }) {
  switch (tone) {
    case 'good':
      return <CheckIcon size={size} aria-hidden="true" />;
    case 'busy':
      return <SyncingIcon size={size - 1} className={css.turning} aria-hidden="true" />;
    case 'away':
      return <OfflineIcon size={size} aria-hidden="true" />;
    case 'action':
      return <AlertIcon size={size} aria-hidden="true" />;
    case 'alarm':
      return <AlarmIcon size={size} aria-hidden="true" />;
  }
}
