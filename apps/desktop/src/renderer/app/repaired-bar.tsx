import type { ReplicaNotice, WorkspaceId } from '@parley/sync/model';
import { AlertIcon, Button, CopyButton, fullTime, shortTime, t } from '@parley/ui';
import { useCommand } from '../state/use-command.ts';
import { useNow } from '../state/use-now.ts';
import css from './repaired-bar.module.css';

const FOUND = {
  damaged: 'repaired.damaged',
  missing: 'repaired.missing',
  foreign: 'repaired.foreign',
} as const satisfies Record<ReplicaNotice['found'], string>;

/** Over everything until it was read: that the copy here was made anew, what was kept, and where the old file is. */
export function RepairedBar({ ws, notice }: { ws: WorkspaceId; notice: ReplicaNotice | null }) {
  // Whoever can't see it hears of it: what is put into a live region is read out, the region itself is always there.
  return <div role="status">{notice && <Repaired ws={ws} notice={notice} />}</div>;
}

function Repaired({ ws, notice: { at, found, saved, aside } }: { ws: WorkspaceId; notice: ReplicaNotice }) {
  const command = useCommand();
  const now = useNow();
  return (
    <section className={css.bar} aria-label={t('repaired.title')} data-region="notice">
      <span className={css.icon}>
        <AlertIcon size={18} aria-hidden="true" />
      </span>
      <div className={css.words}>
        <p className={css.title}>
          {t(FOUND[found])}{' '}
          <span className={css.time}>
            · <time title={fullTime(at)}>{shortTime(at, now)}</time>
          </span>
        </p>
        <p>
          {t('repaired.fetched')} {saved > 0 ? t('repaired.saved', { count: saved }) : t('repaired.savedNone')}
        </p>
        {aside !== null && (
          <p>
            {t('repaired.aside')}{' '}
            <code className={css.path} dir="ltr">
              {aside}
            </code>
          </p>
        )}
      </div>
      <div className={css.buttons}>
        {aside !== null && <CopyButton label={t('repaired.copy')} text={() => aside} />}
        <Button size="small" look="primary" onClick={() => void command('sync.noted', { ws })}>
          {t('repaired.dismiss')}
        </Button>
      </div>
    </section>
  );
}
