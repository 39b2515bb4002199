import { Button, CloseIcon, IconButton, t } from '@parley/ui';
import { useEffect } from 'react';
import { useView, view } from '../state/view-store.ts';
import css from './app.module.css';

/** Long enough to be read twice. */
const SHOWN_MS = 8_000;

/** What there is no better place to say: why a command was refused, or what was done and can be taken back. */
export function Notice() {
  const notice = useView((state) => state.notice);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => view.notice(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className={css.notices} role="alert">
      {notice !== null && (
        <div className={css.notice}>
          <span>{notice.text}</span>
          {notice.action && (
            <Button
              size="small"
              onClick={() => {
                view.notice(null);
                notice.action?.run();
              }}
            >
              {notice.action.label}
            </Button>
          )}
          <IconButton
            size="small"
            label={t('toast.dismiss')}
            icon={<CloseIcon size={15} />}
            onClick={() => view.notice(null)}
          />
        </div>
      )}
    </div>
  );
}
