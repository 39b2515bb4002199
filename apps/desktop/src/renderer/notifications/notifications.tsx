import type { NotificationView, WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useEffect, useRef } from 'react';
import { useQuery } from '../engine/use-query.ts';
import { useView, view } from '../state/view-store.ts';

/** Whether the person is looking at where it was said. */
function isSeen(ws: WorkspaceId, { ch, thread }: NotificationView): boolean {
  const { ws: shown, open, list, pane } = useView.getState();
  if (!document.hasFocus() || shown !== ws || list !== null) return false;
  return thread ? pane?.kind === 'thread' && pane.root === thread : open[ws] === ch;
}

const titleOf = ({ name, channel, count }: NotificationView): string =>
  count > 1
    ? t('notify.many', { count })
    : channel
      ? t('notify.inChannel', { name, channel })
      : t('notify.direct', { name });

function show(ws: WorkspaceId, notification: NotificationView): void {
  const { key, ch, msg, thread, text } = notification;
  // The same tag from two windows is one notification.
  const shown = new Notification(titleOf(notification), { body: text, tag: key });
  shown.onclick = () => {
    window.focus();
    view.jump(ws, ch, thread ?? msg);
    if (thread) view.pane({ kind: 'thread', ch, root: thread });
    shown.close();
  };
}

/** Tells the person, by the system's notifications, of what the engine says they want to hear of. */
export function Notifications({ ws }: { ws: WorkspaceId }) {
  const answer = useQuery('notifications', { ws });
  const told = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    if (!answer) return;
    const before = told.current;
    told.current = new Set(answer.latest.map(({ key }) => key));
    // What was there before this window was is no news in it.
    if (before === null || Notification.permission !== 'granted') return;
    for (const each of answer.latest) if (!before.has(each.key) && !isSeen(ws, each)) show(ws, each);
  }, [ws, answer]);
  return null;
}
