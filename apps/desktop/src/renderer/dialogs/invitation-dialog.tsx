import type { WorkspaceId } from '@parley/sync/model';
import { Button, Dialog, fullTime, t } from '@parley/ui';
import { useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { useQuery } from '../engine/use-query.ts';
import { reasonOf } from '../state/use-command.ts';
import css from './dialogs.module.css';

/** Makes a link by which people join the workspace. */
export function InvitationDialog({ ws, onClose }: { ws: WorkspaceId; onClose(): void }) {
  const engine = useEngine();
  const name = useQuery('sidebar', { ws })?.workspace.name ?? '';
  const [made, setMade] = useState<{ readonly url: string; readonly expiresAt: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [copied, setCopied] = useState(false);
  const create = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setMade(await engine.call('account.invite', { ws, role: 'member', channels: [] }));
    } catch (error) {
      setProblem(reasonOf(error));
    }
    setBusy(false);
  };
  const copy = async () => {
    if (!made) return;
    await navigator.clipboard.writeText(made.url);
    setCopied(true);
  };
  return (
    <Dialog
      title={t('invitation.title', { name })}
      open
      onClose={onClose}
      footer={
        made ? (
          <Button look="primary" onClick={() => void copy()}>
            {copied ? t('invitation.copied') : t('invitation.copy')}
          </Button>
        ) : (
          <Button look="primary" busy={busy} onClick={() => void create()}>
            {t('invitation.create')}
          </Button>
        )
      }
    >
      {made && (
        <>
          <p className={css.body}>{t('invitation.body', { date: fullTime(made.expiresAt) })}</p>
          <output className={css.link}>{made.url}</output>
        </>
      )}
      {!made && <p className={css.body}>{t('invitation.explain')}</p>}
      {problem && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  );
}
