import { type KeyboardEvent, memo, type ReactNode, useCallback, useState } from 'react';
import { Avatar } from '../avatar.tsx';
import { classNames } from '../class-names.ts';
import { fileSize, fullTime, timeAgo, timeOfDay } from '../format-time.ts';
import { FileIcon, PinIcon, SaveIcon, ThreadIcon } from '../icons.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { safeLink } from '../markdown/safe-link.ts';
import { t } from '../strings.ts';
import { MessageActions } from './message-actions.tsx';
import type { MessageEvent, MessageFile, MessageProps } from './message-model.ts';
import css from './message-row.module.css';
import { PendingLine } from './pending-line.tsx';
import { Reactions } from './reactions.tsx';

export interface MessageRowProps {
  message: MessageProps;
  /** Same author shortly after: no picture and no name. */
  grouped: boolean;
  /** Just jumped to. */
  found?: boolean;
  /** Where it stands: in a thread there is no summary of the thread and no way to pin from the outside. */
  place?: 'timeline' | 'thread' | 'list';
  now: number;
  /** Stands in place of the text while the message is being edited. */
  editor?: ReactNode;
  onEvent(id: string, event: MessageEvent): void;
}

function Files({ files }: { files: readonly MessageFile[] }) {
  return (
    <ul className={css.files}>
      {files.map((file) => {
        const href = file.url === undefined ? null : safeLink(file.url);
        return (
          <li key={file.id} className={css.file}>
            <FileIcon size={16} aria-hidden="true" />
            {href ? (
              <a href={href} target="_blank" rel="noopener noreferrer">
                <bdi>{file.name}</bdi>
              </a>
            ) : (
              <bdi>{file.name}</bdi>
            )}
            {file.size > 0 && <span className={css.quiet}>{fileSize(file.size)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function ThreadSummary({
  thread,
  now,
  onOpen,
}: {
  thread: NonNullable<MessageProps['thread']>;
  now: number;
  onOpen(): void;
}) {
  return (
    <button type="button" className={css.thread} onClick={onOpen}>
      <span className={css.people}>
        {thread.people.map((person) => (
          <Avatar key={person.id} id={person.id} name={person.name} size="small" />
        ))}
      </span>
      <span className={css.replies}>{t('thread.replies', { count: thread.replies })}</span>
      <span className={css.quiet}>{t('thread.last', { time: timeAgo(thread.lastAt, now) })}</span>
    </button>
  );
}

function Edited({ message, onHistory }: { message: MessageProps; onHistory(): void }) {
  if (message.editedAt === 0) return null;
  return (
    <button
      type="button"
      className={css.edited}
      title={message.conflict ? t('message.conflict') : t('message.editedAt', { time: fullTime(message.editedAt) })}
      onClick={onHistory}
    >
      {t('message.edited')}
    </button>
  );
}

/** One message with everything on it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, grouped, found = false, place = 'timeline', now, editor, onEvent } = props;
  const { id, name, deleted, pending } = message;
  const [active, setActive] = useState(false);
  const [held, setHeld] = useState(false);
  const emit = useCallback((event: MessageEvent) => onEvent(id, event), [id, onEvent]);
  const openChannel = useCallback((channel: string) => onEvent(id, { do: 'channel', channel }), [id, onEvent]);

  const keyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || deleted) return;
    const act = keyEvent(event.key, message);
    if (!act) return;
    event.preventDefault();
    emit(act);
  };

  const head = !grouped || deleted;
  const unsent = pending?.whole === true;
  return (
    <article
      className={classNames(
        css.row,
        head && css.head,
        message.mentionsMe && css.mentioned,
        found && css.found,
        unsent && pending.state !== 'failed' && css.unsent,
        editor !== undefined && css.isEdited,
      )}
      aria-label={name}
      tabIndex={-1}
      data-message={id}
      onPointerEnter={() => setActive(true)}
      onPointerLeave={() => setActive(false)}
      onFocus={() => setActive(true)}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setActive(false)}
      onKeyDown={keyDown}
    >
      {(message.pinned || message.saved || message.also) && !deleted && (
        <div className={css.marks}>
          {message.pinned && (
            <span className={css.markLine}>
              <PinIcon size={12} /> {t('message.pinned')}
            </span>
          )}
          {message.saved && (
            <span className={css.markLine}>
              <SaveIcon size={12} /> {t('message.saved')}
            </span>
          )}
          {message.also && (
            <button type="button" className={css.markLine} onClick={() => emit({ do: 'thread' })}>
              <ThreadIcon size={12} /> {place === 'thread' ? t('message.alsoInChannel') : t('message.repliedInThread')}
            </button>
          )}
        </div>
      )}
      <div className={css.side}>
        {head ? (
          <Avatar id={message.author + (message.kind === 'bot' ? name : '')} name={name} image={message.avatar} />
        ) : (
          <time className={css.sideTime} dateTime={new Date(message.at).toISOString()} title={fullTime(message.at)}>
            {timeOfDay(message.at)}
          </time>
        )}
      </div>
      <div className={css.content}>
        {head && (
          <div className={css.heading}>
            <bdi className={css.name}>{name}</bdi>
            {message.kind === 'bot' && <span className={css.bot}>{t('message.bot')}</span>}
            <time className={css.time} dateTime={new Date(message.at).toISOString()} title={fullTime(message.at)}>
              {timeOfDay(message.at)}
            </time>
          </div>
        )}
        {editor ??
          (deleted ? (
            <p className={css.tombstone}>{t('message.deleted')}</p>
          ) : (
            <div className={classNames(css.text, message.kind === 'me' && css.meText)}>
              <Markdown
                text={message.text}
                names={message.names}
                me={message.me}
                onChannel={openChannel}
                tail={<Edited message={message} onHistory={() => emit({ do: 'history' })} />}
              />
            </div>
          ))}
        {!deleted && message.files.length > 0 && <Files files={message.files} />}
        {message.reactions.length > 0 && (
          <Reactions reactions={message.reactions} names={message.names} onEvent={emit} onHold={setHeld} />
        )}
        {message.thread && place === 'timeline' && (
          <ThreadSummary thread={message.thread} now={now} onOpen={() => emit({ do: 'thread' })} />
        )}
        {pending && <PendingLine pending={pending} onEvent={emit} />}
      </div>
      {(active || held) && !deleted && !unsent && editor === undefined && (
        <MessageActions message={message} place={place} onEvent={emit} onHold={setHeld} />
      )}
    </article>
  );
});

/** Single letters act on a focused message. */
function keyEvent(key: string, message: MessageProps): MessageEvent | null {
  switch (key.toLowerCase()) {
    case 't':
      return message.may.reply ? { do: 'thread' } : null;
    case 'e':
      return message.may.edit ? { do: 'edit' } : null;
    case 'a':
      return { do: 'save', on: !message.saved };
    case 'p':
      return message.may.write ? { do: 'pin', on: !message.pinned } : null;
    case 'u':
      return { do: 'markUnread' };
    case 'delete':
      return message.may.delete ? { do: 'delete' } : null;
    default:
      return null;
  }
}
