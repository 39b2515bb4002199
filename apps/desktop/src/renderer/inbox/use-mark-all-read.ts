import type { WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useCallback } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';

/** Marks everything unread as read; the notice that says so offers to take it back. */
export function useMarkAllRead(ws: WorkspaceId): () => Promise<void> {
  const engine = useEngine();
  const command = useCommand();
  return useCallback(async () => {
    const { conversations } = await engine.once('unreads', { ws });
    if (conversations.length === 0) return;
    for (const { conversation } of conversations) await command('read.mark', { ws, ch: conversation.id });
    const first = conversations.flatMap(({ messages }) => messages.slice(0, 1));
    view.notice(t('inbox.allReadDone', { count: conversations.length }), {
      label: t('common.undo'),
      run: () => {
        for (const { id } of first) void command('read.unread', { ws, msg: id });
      },
    });
  }, [engine, command, ws]);
}
