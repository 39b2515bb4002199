import { t } from '@parley/ui';
import { useEffect, useState } from 'react';
import css from './app.module.css';

/** A restart takes less than this; only a longer one is worth a word. */
const QUIET_MS = 1_500;

export function AwayBar() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return slow ? (
    <p className={css.away} role="status">
      {t('boot.lost')}
    </p>
  ) : null;
}
