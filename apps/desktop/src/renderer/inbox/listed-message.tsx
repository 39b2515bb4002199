import type { ChannelId, MessageView, Names, PersonView, WorkspaceId } from '@parley/sync/model';
import { useMemo } from 'react';
import { useNow } from '../state/use-now.ts';
import { view } from '../state/view-store.ts';
import { DrawnMessage } from '../timeline/drawn-message.tsx';
import { useMessageEvents } from '../timeline/message-events.ts';

interface ListedMessageProps {
  ws: WorkspaceId;
  message: MessageView;
  names: Names;
  me: PersonView;
  grouped?: boolean;
}

/** Goes to where a message stands, in its thread if it is a reply. */
export function openMessage(ws: WorkspaceId, { ch, id, thread }: Pick<MessageView, 'ch' | 'id' | 'thread'>): void {
  view.jump(ws, ch, thread ?? id);
  if (thread) view.pane({ kind: 'thread', ch: ch as ChannelId, root: thread });
}

/** A message outside its conversation. What needs to know the conversation's rules is done there, one step away. */
export function ListedMessage({ ws, message, names, me, grouped = false }: ListedMessageProps) {
  const now = useNow();
  const messages = useMemo(() => [message], [message]);
  const onEvent = useMessageEvents({ ws, ch: message.ch, messages, names });
  const context = useMemo(() => ({ names, me, channel: null, editWindowMs: null }), [names, me]);
  return (
    <DrawnMessage
      ws={ws}
      message={message}
      context={context}
      grouped={grouped}
      editing={false}
      place="list"
      now={now}
      onEvent={onEvent}
    />
  );
}
