import type { ChannelId, ChannelView, MessageId, SidebarView, ThreadView, WorkspaceId } from '@parley/sync/model';
import { BellIcon, type ComposerHandle, DayDivider, IconButton, MuteIcon, NewLine, t } from '@parley/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { PaneFrame } from '../app/pane.tsx';
import { MessageComposer } from '../compose/message-composer.tsx';
import { spokenName } from '../conversation/channel-name.tsx';
import { TypingLine } from '../conversation/typing-line.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { useNow } from '../state/use-now.ts';
import { useView, view } from '../state/view-store.ts';
import { DrawnMessage } from '../timeline/drawn-message.tsx';
import { groupMessages, isUnsent, type TimelineRow } from '../timeline/group-messages.ts';
import { useMessageEvents } from '../timeline/message-events.ts';
import { MessageList, type MessageListHandle } from '../timeline/message-list.tsx';
import type { MessageContext } from '../timeline/message-props.ts';
import css from './thread-pane.module.css';

export interface ThreadPaneProps {
  ws: WorkspaceId;
  ch: ChannelId;
  root: MessageId;
  sidebar: SidebarView;
}

/** A thread beside the conversation, with its own New line and draft. Mounted anew for another root. */
export function ThreadPane({ ws, ch, root, sidebar }: ThreadPaneProps) {
  const command = useCommand();
  const channel = useQuery('channel', { ws, ch });
  const thread = useQuery('thread', { ws, root });
  const following = thread?.following ?? false;
  return (
    <PaneFrame
      title={t('thread.title')}
      {...(channel ? { subtitle: spokenName(channel) } : {})}
      actions={
        <IconButton
          label={following ? t('thread.unfollow') : t('thread.follow')}
          icon={following ? <BellIcon size={17} /> : <MuteIcon size={17} />}
          pressed={following}
          onClick={() => void command('thread.follow', { ws, root, on: !following })}
        />
      }
    >
      {thread && channel && <Thread ws={ws} root={root} channel={channel} thread={thread} sidebar={sidebar} />}
    </PaneFrame>
  );
}

interface ThreadProps {
  ws: WorkspaceId;
  root: MessageId;
  channel: ChannelView;
  thread: ThreadView;
  sidebar: SidebarView;
}

function Thread({ ws, root, channel, thread, sidebar }: ThreadProps) {
  const ch = channel.id;
  const command = useCommand();
  const now = useNow();
  const editing = useView((state) => state.editing);
  const settings = useQuery('settings', { ws });
  const [also, setAlso] = useState(false);
  const [firstUnread] = useState(thread.firstUnread);
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);

  const messages = useMemo(
    () => (thread.root ? [thread.root, ...thread.replies] : thread.replies),
    [thread.root, thread.replies],
  );
  const rows = useMemo((): readonly TimelineRow[] => {
    const grouped = groupMessages(thread.replies, firstUnread);
    const first = thread.root ? groupMessages([thread.root], null) : [];
    const [reply, ...rest] = grouped;
    // A reply on the day of its root needs no divider above it: the root's stands there.
    const sameDay =
      reply && thread.root && new Date(reply.message.at).toDateString() === new Date(thread.root.at).toDateString();
    return reply ? [...first, { ...reply, day: reply.day && !sameDay }, ...rest] : first;
  }, [thread.root, thread.replies, firstUnread]);

  const editWindowMs = settings?.settings.editWindowMs ?? null;
  const context = useMemo(
    (): MessageContext => ({ names: thread.names, me: sidebar.me, channel, editWindowMs }),
    [thread.names, sidebar.me, channel, editWindowMs],
  );
  const onEvent = useMessageEvents({ ws, ch, messages, names: thread.names });

  // Seeing a thread is reading it: it opens at its end or its first unread, and there is no more than this.
  const last = thread.replies.at(-1);
  const lastKey = last && !isUnsent(last) ? last.id : null;
  useEffect(() => {
    if (lastKey && document.hasFocus()) void command('read.thread', { ws, root });
  }, [command, ws, root, lastKey]);

  const mine = last && last.author === sidebar.me.id && isUnsent(last) ? last.id : null;
  useEffect(() => {
    if (mine) list.current?.toEnd();
  }, [mine]);
  useEffect(() => {
    if (!editing) composer.current?.focus();
  }, [editing]);

  const start = useMemo(() => (firstUnread ? ({ key: firstUnread, align: 'start' } as const) : null), [firstUnread]);
  const name = spokenName(channel);
  const mayWrite = channel.can.post === true && !channel.archived;
  return (
    <>
      <MessageList<TimelineRow>
        ref={list}
        top
        rows={rows}
        label={t('thread.title')}
        start={start}
        onPlace={() => {}}
        draw={(row) => (
          <>
            {row.day && row.key !== root && <DayDivider at={row.message.at} now={now} />}
            {row.first && <NewLine />}
            <DrawnMessage
              ws={ws}
              message={row.message}
              context={context}
              grouped={row.grouped}
              editing={row.key === editing}
              place="thread"
              now={now}
              onEvent={onEvent}
            />
            {row.key === root && thread.replies.length > 0 && (
              <p className={css.count}>
                <span>{t('thread.replies', { count: thread.replies.length })}</span>
              </p>
            )}
          </>
        )}
      />
      {mayWrite && (
        <div className={css.foot}>
          <MessageComposer
            ref={composer}
            ws={ws}
            channel={channel}
            root={root}
            names={thread.names}
            label={t('composer.reply')}
            also={also}
            autoFocus
            onSent={() => {
              setAlso(false);
              list.current?.toEnd();
            }}
            onEditLast={() => {
              const own = thread.replies.findLast((reply) => reply.author === sidebar.me.id && !reply.deleted);
              if (own) view.edit(own.id);
            }}
            onEscape={() => view.pane(null)}
            extra={
              <label className={css.also}>
                <input type="checkbox" checked={also} onChange={(event) => setAlso(event.target.checked)} />
                <span>{t('thread.alsoSend', { name })}</span>
              </label>
            }
          />
          <TypingLine ws={ws} ch={ch} root={root} />
        </div>
      )}
    </>
  );
}
