import type { UnreadsView, WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useCallback } from 'react';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';

/** Marks everything in the list read; the notice that says so offers to take it back. */
export function useMarkAllRead(ws: WorkspaceId): (unreads: UnreadsView) => Promise<void> {
  const command = useCommand();
  return useCallback(
    async ({ conversations }) => {
      for (const { conversation } of conversations) await command('read.mark', { ws, ch: conversation.id });
      const first = conversations.flatMap(({ messages }) => messages.slice(0, 1));
      view.notice(t('inbox.allReadDone', { count: conversations.length }), {
        label: t('common.undo'),
        run: () => {
          for (const { id } of first) void command('read.unread', { ws, msg: id });
        },
      });
    },
    [command, ws],
  );
}
