import type { DraftView, LedgerEntryView, SidebarView, SyncView, WorkspaceId } from '@parley/sync/model';
import { AlertIcon, Button, CheckIcon, EmptyState, fullTime, SyncingIcon, shortTime, t, WaitingIcon } from '@parley/ui';
import { PaneFrame } from '../app/pane.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { useNow } from '../state/use-now.ts';
import { view } from '../state/view-store.ts';
import css from './ledger-pane.module.css';
import { SyncState } from './sync-state.tsx';

interface LedgerPaneProps {
  ws: WorkspaceId;
  sync: SyncView | undefined;
  sidebar: SidebarView;
}

/** Everything written here that is not yet everywhere, what became of it, and what can be done about it. */
export function LedgerPane({ ws, sync, sidebar }: LedgerPaneProps) {
  const entries = useQuery('ledger', { ws }) ?? [];
  const now = useNow();
  const sorted = [...entries].sort(
    (a, b) => Number(b.state === 'failed') - Number(a.state === 'failed') || a.at - b.at,
  );
  return (
    <PaneFrame title={t('ledger.title')}>
      <div className={css.list}>
        {sync && <SyncState ws={ws} sync={sync} sidebar={sidebar} />}
        <Drafts ws={ws} now={now} />
        <h3 className={css.heading}>{t('ledger.outbox')}</h3>
        {sorted.length === 0 ? (
          <EmptyState icon={<CheckIcon size={28} />} title={t('ledger.empty')} />
        ) : (
          <ul>
            {sorted.map((entry) => (
              <Entry key={entry.key} ws={ws} entry={entry} now={now} />
            ))}
          </ul>
        )}
      </div>
    </PaneFrame>
  );
}

/** What was begun and not sent: it is only the person's, and waits for them on all their devices. */
function Drafts({ ws, now }: { ws: WorkspaceId; now: number }) {
  const command = useCommand();
  const drafts = useQuery('drafts', { ws }) ?? [];
  if (drafts.length === 0) return null;
  const open = ({ ch, root }: DraftView) => {
    view.conversation(ws, ch);
    if (root) view.pane({ kind: 'thread', ch, root });
  };
  return (
    <section aria-label={t('ledger.drafts')}>
      <h3 className={css.heading}>{t('ledger.drafts')}</h3>
      <ul>
        {drafts.map((draft) => (
          <li key={draft.key} className={css.entry}>
            <div className={css.where}>
              <bdi className={css.channel}>{draft.channel}</bdi>
              <time className={css.time} title={fullTime(draft.at)}>
                {shortTime(draft.at, now)}
              </time>
            </div>
            <p className={css.text} dir="auto">
              {draft.text}
            </p>
            <div className={css.buttons}>
              <Button size="small" onClick={() => open(draft)}>
                {t('ledger.openDraft')}
              </Button>
              <Button
                size="small"
                onClick={() => void command('draft.set', { ws, ch: draft.ch, root: draft.root, text: '' })}
              >
                {t('ledger.dropDraft')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

const STATES = {
  queued: { label: 'ledger.queued', icon: <WaitingIcon size={14} /> },
  sent: { label: 'ledger.sent', icon: <SyncingIcon size={14} /> },
  failed: { label: 'ledger.failed', icon: <AlertIcon size={14} /> },
} as const;

function Entry({ ws, entry, now }: { ws: WorkspaceId; entry: LedgerEntryView; now: number }) {
  const command = useCommand();
  const { label, icon } = STATES[entry.state];
  const failed = entry.state === 'failed';
  return (
    <li className={css.entry}>
      <div className={css.where}>
        <span className={failed ? css.failed : css.stateLabel}>
          {icon} {t(label)}
        </span>
        <bdi className={css.channel}>{entry.channel || t('ledger.nowhere')}</bdi>
        <time className={css.time} title={fullTime(entry.at)}>
          {shortTime(entry.at, now)}
        </time>
      </div>
      <p className={css.text} dir="auto">
        {entry.summary}
      </p>
      {failed && entry.detail && <p className={css.reason}>{entry.detail}</p>}
      <div className={css.buttons}>
        {failed && (
          <Button size="small" onClick={() => void command('ledger.retry', { ws, op: entry.id })}>
            {t('ledger.retry')}
          </Button>
        )}
        {entry.text !== null && entry.state !== 'sent' && (
          <Button size="small" onClick={() => view.dialog({ kind: 'editLedger', entry })}>
            {t('ledger.edit')}
          </Button>
        )}
        {entry.text !== null && (
          <Button size="small" onClick={() => void navigator.clipboard.writeText(entry.text ?? '')}>
            {t('ledger.copy')}
          </Button>
        )}
        {entry.state !== 'sent' && (
          <Button size="small" onClick={() => view.dialog({ kind: 'dropLedger', entry })}>
            {t('ledger.delete')}
          </Button>
        )}
      </div>
    </li>
  );
}
