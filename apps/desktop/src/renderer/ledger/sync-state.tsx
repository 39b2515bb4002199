import type { SidebarView, SyncView, WorkspaceId } from '@parley/sync/model';
import { Button, classNames, fileSize, historyShare, SyncIcon, syncWords, t, VerifyIcon } from '@parley/ui';
import { useCommand } from '../state/use-command.ts';
import css from './sync-state.module.css';
import { useVerify } from './use-verify.ts';
import { VerifyResult } from './verify-result.tsx';

interface SyncStateProps {
  ws: WorkspaceId;
  sync: SyncView;
  sidebar: SidebarView;
}

/** How this computer stands with the relay: what the chip says, what it means, and the proof of it. */
export function SyncState({ ws, sync, sidebar }: SyncStateProps) {
  const command = useCommand();
  const { verification, run } = useVerify(ws);
  const { tone, label, meaning } = syncWords(sync);
  const running = verification.is === 'running';
  return (
    <section className={classNames(css.state, tone === 'alarm' && css.alarm)} aria-label={t('sync.title')}>
      <h3 className={classNames(css.label, css[tone])}>
        <SyncIcon tone={tone} size={16} />
        {label}
      </h3>
      {meaning && <p className={css.meaning}>{meaning}</p>}
      {sync.detail && (
        <p className={css.detail}>
          <bdi>{sync.detail}</bdi>
        </p>
      )}
      <History sync={sync} label={label} />
      <p className={css.counts}>
        {t('ledger.held', { count: sync.held })}
        {sync.fetching > 0 && ` · ${t('ledger.fetching', { count: sync.fetching })}`}
      </p>
      <div className={css.buttons}>
        {/* Not disabled while it runs: that would take the focus away from whoever pressed it. */}
        <Button size="small" aria-disabled={running} aria-busy={running} onClick={running ? undefined : run}>
          <VerifyIcon size={14} aria-hidden="true" />
          {t(running ? 'verify.running' : 'verify.run')}
        </Button>
        <Button size="small" onClick={() => void command('sync.now', { ws })}>
          {t('ledger.now')}
        </Button>
      </div>
      <VerifyResult verification={verification} conversations={sidebar.conversations} />
    </section>
  );
}

function History({ sync, label }: { sync: SyncView; label: string }) {
  const share = historyShare(sync);
  if (share === null || !sync.history) return null;
  const { bytes, total } = sync.history;
  return (
    <div className={css.history}>
      <progress className={css.progress} value={share} aria-label={label} />
      <span>{t('sync.historySize', { done: fileSize(bytes), total: fileSize(total) })}</span>
    </div>
  );
}
