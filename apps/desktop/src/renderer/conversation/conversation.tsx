import type { ChannelId, ChannelView, ConversationView, MessageId, SidebarView, WorkspaceId } from '@parley/sync/model';
import { ArrowDownIcon, Button, type ComposerHandle, DayDivider, NewLine, t } from '@parley/ui';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { MessageComposer } from '../compose/message-composer.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { useNow } from '../state/use-now.ts';
import { useView, view } from '../state/view-store.ts';
import { DrawnMessage } from '../timeline/drawn-message.tsx';
import { groupMessages, isUnsent, type TimelineRow } from '../timeline/group-messages.ts';
import { useMessageEvents } from '../timeline/message-events.ts';
import { MessageList, type MessageListHandle } from '../timeline/message-list.tsx';
import type { MessageContext } from '../timeline/message-props.ts';
import { useTimeline } from '../timeline/use-timeline.ts';
import { isDirect, spokenName } from './channel-name.tsx';
import css from './conversation.module.css';
import { ConversationStart } from './conversation-start.tsx';
import { ConversationHeader } from './header.tsx';
import { TypingLine } from './typing-line.tsx';
import { useEscape } from './use-escape.ts';
import { useReading } from './use-reading.ts';

type Row = TimelineRow | { readonly key: 'start'; readonly message: null };

export interface ConversationProps {
  ws: WorkspaceId;
  ch: ChannelId;
  sidebar: SidebarView;
  jump: MessageId | null;
}

/** One visit to a conversation; mounted anew for the next. */
export function Conversation({ ws, ch, sidebar, jump }: ConversationProps) {
  const channel = useQuery('channel', { ws, ch });
  const entry = sidebar.conversations.find((conversation) => conversation.id === ch);
  if (channel === undefined) return <main className={css.conversation} data-region="conversation" />;
  if (channel === null) return <Gone />;
  return <Opened ws={ws} channel={channel} entry={entry} sidebar={sidebar} jump={jump} />;
}

function Gone() {
  return (
    <main className={css.conversation} data-region="conversation">
      <p className={css.gone}>{t('timeline.gone')}</p>
    </main>
  );
}

interface OpenedProps {
  ws: WorkspaceId;
  channel: ChannelView;
  entry: ConversationView | undefined;
  sidebar: SidebarView;
  jump: MessageId | null;
}

function Opened({ ws, channel, entry, sidebar, jump }: OpenedProps) {
  const ch = channel.id;
  const now = useNow();
  const editing = useView((state) => state.editing);
  const settings = useQuery('settings', { ws });
  const timeline = useTimeline(ws, ch, jump);
  const { view: answer, firstUnread } = timeline;
  const list = useRef<MessageListHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [atEnd, setAtEnd] = useState(true);

  const messages = useMemo(() => answer?.messages ?? [], [answer]);
  const ordered = useMemo(() => messages.findLast((message) => !isUnsent(message)), [messages]);
  const reading = useReading(ws, ch, (entry?.unread ?? 0) > 0 && !answer?.after, ordered?.ord ?? 0);

  const rows = useMemo((): readonly Row[] => {
    if (!answer) return [];
    const grouped = groupMessages(answer.messages, firstUnread);
    return answer.before ? grouped : [{ key: 'start', message: null }, ...grouped];
  }, [answer, firstUnread]);

  const names = answer?.names;
  const editWindowMs = settings?.settings.editWindowMs ?? null;
  const context = useMemo(
    (): MessageContext | null => (names ? { names, me: sidebar.me, channel, editWindowMs } : null),
    [names, sidebar.me, channel, editWindowMs],
  );

  const unreadFrom = useCallback(
    (id: MessageId) => {
      reading.keepUnread();
      timeline.unreadFrom(id);
    },
    [reading.keepUnread, timeline.unreadFrom],
  );
  const onEvent = useMessageEvents({ ws, ch, messages, names, onUnread: unreadFrom });

  const place = useCallback(
    (end: boolean) => {
      const last = end && !answer?.after;
      setAtEnd(last);
      reading.place(last);
    },
    [answer?.after, reading.place],
  );

  // One's own message is always brought into sight.
  const newest = messages.at(-1);
  const mine = newest && newest.author === sidebar.me.id && isUnsent(newest) ? newest.id : null;
  useEffect(() => {
    if (mine) list.current?.toEnd();
  }, [mine]);

  const toLatest = () => {
    if (answer?.after) timeline.latest();
    else list.current?.toEnd();
  };
  const editLast = () => {
    const last = messages.findLast(
      (message) => message.author === sidebar.me.id && !message.deleted && message.kind !== 'note',
    );
    if (last && channel.can.post === true) view.edit(last.id);
  };
  const wasEditing = useRef(editing);
  useEffect(() => {
    if (wasEditing.current && !editing) composer.current?.focus();
    wasEditing.current = editing;
    if (editing) list.current?.toRow(editing, 'nearest');
  }, [editing]);
  useEscape(reading.readNow);

  const start = useMemo(
    () =>
      jump
        ? ({ key: jump, align: 'center' } as const)
        : firstUnread && timeline.visit === 0
          ? ({ key: firstUnread, align: 'start' } as const)
          : null,
    [jump, firstUnread, timeline.visit],
  );
  const name = spokenName(channel);
  const missing = jump !== null && answer !== undefined && !messages.some((message) => message.id === jump);

  return (
    <main className={css.conversation} aria-label={name} data-region="conversation">
      <ConversationHeader ws={ws} channel={channel} />
      <div className={css.middle}>
        {timeline.loadingOlder && !atEnd && <p className={css.loading}>{t('timeline.loading')}</p>}
        {context && (
          <MessageList<Row>
            key={timeline.visit}
            ref={list}
            rows={rows}
            label={t('timeline.label', { name })}
            start={timeline.visit === 0 ? start : null}
            onOlder={timeline.older}
            onNewer={timeline.newer}
            onPlace={place}
            draw={(row) =>
              row.message === null ? (
                <ConversationStart channel={channel} />
              ) : (
                <>
                  {row.day && <DayDivider at={row.message.at} now={now} />}
                  {row.first && <NewLine />}
                  <DrawnMessage
                    ws={ws}
                    message={row.message}
                    context={context}
                    grouped={row.grouped}
                    found={row.key === jump}
                    editing={row.key === editing}
                    place="timeline"
                    now={now}
                    onEvent={onEvent}
                  />
                </>
              )
            }
          />
        )}
        {missing && <p className={css.loading}>{t('timeline.gone')}</p>}
        {!atEnd && (
          <button type="button" className={css.latest} onClick={toLatest}>
            <ArrowDownIcon size={14} aria-hidden="true" />
            {t('timeline.latest')}
          </button>
        )}
      </div>
      <div className={css.foot}>
        <Foot ws={ws} channel={channel}>
          <MessageComposer
            key={ch}
            ref={composer}
            ws={ws}
            channel={channel}
            root={null}
            names={names}
            label={t('composer.label', { name })}
            autoFocus={!window.matchMedia('(pointer: coarse)').matches}
            onSent={() => !answer?.after && list.current?.toEnd()}
            onEditLast={editLast}
          />
        </Foot>
        <TypingLine ws={ws} ch={ch} root={null} />
      </div>
    </main>
  );
}

/** The composer, or why there is none and what can be done instead. */
function Foot({ ws, channel, children }: { ws: WorkspaceId; channel: ChannelView; children: ReactNode }) {
  const command = useCommand();
  if (channel.archived) return <p className={css.closed}>{t('composer.archived')}</p>;
  if (!channel.joined && !isDirect(channel.kind))
    return (
      <div className={css.join}>
        <span>{t('composer.preview', { name: spokenName(channel) })}</span>
        <Button look="primary" size="small" onClick={() => void command('channel.join', { ws, ch: channel.id })}>
          {t('composer.join')}
        </Button>
      </div>
    );
  if (channel.can.post !== true) return <p className={css.closed}>{channel.can.post}</p>;
  return children;
}
