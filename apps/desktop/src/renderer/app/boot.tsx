import { t } from '@parley/ui';
import { useEffect, useState } from 'react';
import css from './app.module.css';

/** The engine answers within a few frames; words that come and go within them would only flicker. */
const QUIET_MS = 600;

export function Boot() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className={css.boot} aria-busy="true">
      {slow && <p role="status">{t('boot.connecting')}</p>}
    </main>
  );
}
