import type { WorkspaceId } from '@parley/sync/model';
import { Dialog, fullTime, t } from '@parley/ui';
import { useQuery } from '../engine/use-query.ts';
import type { OpenDialog } from '../state/view-store.ts';
import css from './dialogs.module.css';

/** What a message said before, newest first. */
export function HistoryDialog({
  ws,
  dialog,
  onClose,
}: {
  ws: WorkspaceId;
  dialog: Extract<OpenDialog, { kind: 'history' }>;
  onClose(): void;
}) {
  const history = useQuery('history', { ws, msg: dialog.msg });
  return (
    <Dialog title={t('message.historyTitle')} open onClose={onClose} width="wide">
      <ol className={css.versions}>
        <li>
          <p className={css.hint}>{t('message.historyNow')}</p>
          <p className={css.version} dir="auto">
            {dialog.text}
          </p>
        </li>
        {history?.versions.toReversed().map((version) => (
          <li key={`${version.at} ${version.text}`}>
            <p className={css.hint}>{fullTime(version.at)}</p>
            <p className={css.version} dir="auto">
              {version.text}
            </p>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
