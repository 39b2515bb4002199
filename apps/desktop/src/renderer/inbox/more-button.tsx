import { Button, t } from '@parley/ui';
import css from './inbox.module.css';

/** Entries shown at first, and added at a time. */
export const PAGE = 30;

export function MoreButton({ limit, onLimit }: { limit: number; onLimit(limit: number): void }) {
  return (
    <div className={css.end}>
      <Button onClick={() => onLimit(limit + PAGE)}>{t('inbox.older')}</Button>
    </div>
  );
}
