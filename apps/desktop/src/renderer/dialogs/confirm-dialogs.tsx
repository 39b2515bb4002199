import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { ConfirmDialog, t } from '@parley/ui';
import { spokenName } from '../conversation/channel-name.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import type { OpenDialog } from '../state/view-store.ts';

interface InWorkspace {
  ws: WorkspaceId;
  onClose(): void;
}

export function LeaveDialog({ ws, ch, onClose }: InWorkspace & { ch: ChannelId }) {
  const command = useCommand();
  const channel = useQuery('channel', { ws, ch });
  if (!channel) return null;
  return (
    <ConfirmDialog
      title={t('channel.leaveTitle', { name: spokenName(channel) })}
      body={t(channel.kind === 'private' ? 'channel.leavePrivate' : 'channel.leavePublic')}
      confirm={t('channel.leave')}
      danger={channel.kind === 'private'}
      open
      onConfirm={() => void command('channel.leave', { ws, ch })}
      onClose={onClose}
    />
  );
}

export function ArchiveDialog({ ws, ch, onClose }: InWorkspace & { ch: ChannelId }) {
  const command = useCommand();
  const channel = useQuery('channel', { ws, ch });
  if (!channel) return null;
  return (
    <ConfirmDialog
      title={t('channel.archiveTitle', { name: spokenName(channel) })}
      body={t('channel.archiveBody')}
      confirm={t('channel.archive')}
      open
      onConfirm={() => void command('channel.archive', { ws, ch, on: true })}
      onClose={onClose}
    />
  );
}

export function DeleteMessageDialog({
  ws,
  dialog,
  onClose,
}: InWorkspace & { dialog: Extract<OpenDialog, { kind: 'deleteMessage' }> }) {
  const command = useCommand();
  return (
    <ConfirmDialog
      title={t('message.deleteTitle')}
      body={t('message.deleteBody')}
      confirm={t('message.delete')}
      danger
      open
      onConfirm={() => void command('message.delete', { ws, msg: dialog.msg.id })}
      onClose={onClose}
    />
  );
}

export function DropDialog({
  ws,
  dialog,
  onClose,
}: InWorkspace & { dialog: Extract<OpenDialog, { kind: 'dropLedger' }> }) {
  const command = useCommand();
  return (
    <ConfirmDialog
      title={t('ledger.deleteTitle')}
      body={t('ledger.deleteBody')}
      confirm={t('ledger.delete')}
      danger
      open
      onConfirm={() => void command('ledger.drop', { ws, op: dialog.entry.id })}
      onClose={onClose}
    />
  );
}

export function SignOutDialog({ ws, onClose }: InWorkspace) {
  const command = useCommand();
  const name = useQuery('sidebar', { ws })?.workspace.name ?? '';
  return (
    <ConfirmDialog
      title={t('signOut.title', { name })}
      body={t('signOut.body')}
      confirm={t('signOut.submit')}
      open
      onConfirm={() => void command('account.logout', { ws })}
      onClose={onClose}
    />
  );
}
