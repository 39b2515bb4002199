import { IconButton } from '../button.tsx';
import {
  BellIcon,
  CopyIcon,
  DeleteIcon,
  EditIcon,
  HistoryIcon,
  MoreIcon,
  PinIcon,
  ReactIcon,
  SaveIcon,
  ThreadIcon,
  UnreadIcon,
} from '../icons.ts';
import { Menu, type MenuItem } from '../menu.tsx';
import { t } from '../strings.ts';
import { EmojiPicker } from './emoji-picker.tsx';
import css from './message-actions.module.css';
import type { MessageEvent, MessageProps } from './message-model.ts';
import { QUICK_REACTIONS } from './quick-reactions.ts';

export interface MessageActionsProps {
  message: MessageProps;
  place: 'timeline' | 'thread' | 'list';
  onEvent(event: MessageEvent): void;
  /** A menu of it is open, so it must stay even when the pointer leaves the message. */
  onHold(held: boolean): void;
}

/** The bar over a message that is pointed at or focused. */
export function MessageActions({ message, place, onEvent, onHold }: MessageActionsProps) {
  const { may, saved, pinned, editedAt } = message;
  const mine = new Set(message.reactions.filter((reaction) => reaction.mine).map((reaction) => reaction.emoji));
  const react = (emoji: string) => onEvent({ do: 'react', emoji, on: !mine.has(emoji) });
  const items: (MenuItem | null | false)[] = [
    may.edit && {
      key: 'edit',
      label: t('message.edit'),
      icon: <EditIcon size={15} />,
      onSelect: () => onEvent({ do: 'edit' }),
    },
    {
      key: 'unread',
      label: t('message.markUnread'),
      icon: <UnreadIcon size={15} />,
      onSelect: () => onEvent({ do: 'markUnread' }),
    },
    { key: 'copy', label: t('message.copy'), icon: <CopyIcon size={15} />, onSelect: () => onEvent({ do: 'copy' }) },
    may.write && {
      key: 'pin',
      label: pinned ? t('message.unpin') : t('message.pin'),
      icon: <PinIcon size={15} />,
      onSelect: () => onEvent({ do: 'pin', on: !pinned }),
    },
    editedAt > 0 && {
      key: 'history',
      label: t('message.history'),
      icon: <HistoryIcon size={15} />,
      onSelect: () => onEvent({ do: 'history' }),
    },
    {
      key: 'why',
      label: t('why.action'),
      icon: <BellIcon size={15} />,
      onSelect: () => onEvent({ do: 'why' }),
    },
    may.delete && null,
    may.delete && {
      key: 'delete',
      label: t('message.delete'),
      icon: <DeleteIcon size={15} />,
      danger: true,
      onSelect: () => onEvent({ do: 'delete' }),
    },
  ];
  return (
    <div className={css.bar} role="toolbar" aria-label={t('message.actions')}>
      {may.write &&
        place !== 'list' &&
        QUICK_REACTIONS.map((emoji) => (
          <button
            key={emoji}
            type="button"
            className={css.quick}
            aria-label={t('message.reactWith', { emoji })}
            title={t('message.reactWith', { emoji })}
            onClick={() => react(emoji)}
          >
            {emoji}
          </button>
        ))}
      {may.write && (
        <EmojiPicker
          custom={message.names.emoji}
          onOpenChange={onHold}
          onPick={react}
          trigger={<IconButton size="small" label={t('message.react')} icon={<ReactIcon size={16} />} />}
        />
      )}
      {place === 'timeline' && may.reply && (
        <IconButton
          size="small"
          label={t('message.reply')}
          icon={<ThreadIcon size={16} />}
          onClick={() => onEvent({ do: 'thread' })}
        />
      )}
      <IconButton
        size="small"
        label={saved ? t('message.unsave') : t('message.save')}
        icon={<SaveIcon size={16} fill={saved ? 'currentColor' : 'none'} />}
        pressed={saved}
        onClick={() => onEvent({ do: 'save', on: !saved })}
      />
      <Menu
        align="end"
        onOpenChange={onHold}
        trigger={<IconButton size="small" label={t('common.more')} icon={<MoreIcon size={16} />} />}
        items={items.filter((item) => item !== false)}
      />
    </div>
  );
}
