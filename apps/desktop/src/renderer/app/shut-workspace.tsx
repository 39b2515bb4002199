import type { SyncView } from '@parley/sync/model';
import { EmptyState, SyncIcon, syncWords, t } from '@parley/ui';
import css from './app.module.css';

/** In place of a workspace whose files on this computer can't be opened as things are: why, and what helps. */
export function ShutWorkspace({ sync }: { sync: SyncView }) {
  return (
    <main className={css.shut}>
      <EmptyState icon={<SyncIcon tone={syncWords(sync).tone} size={28} />} title={t('sync.shut')} body={sync.detail} />
    </main>
  );
}
