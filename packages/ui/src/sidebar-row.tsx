import type { ReactNode } from 'react';
import { Badge } from './badge.tsx';
import { classNames } from './class-names.ts';
import { AlertIcon, ChannelIcon, EditIcon, PrivateIcon, WaitingIcon } from './icons.ts';
import css from './sidebar-row.module.css';
import { t } from './strings.ts';

export interface SidebarRowProps {
  /** Handed back by `onOpen`, so that one function serves every row. */
  id: string;
  name: string;
  /** What stands in front: a `#`, a lock, or a picture. */
  mark: 'public' | 'private' | ReactNode;
  selected: boolean;
  unread: boolean;
  mentions: number;
  muted: boolean;
  draft: boolean;
  waiting: number;
  failed: number;
  onOpen(id: string): void;
}

/** One conversation in the sidebar. What its marks mean is also said in words, for those who don't see them. */
export function SidebarRow(props: SidebarRowProps) {
  const { id, name, mark, selected, unread, mentions, muted, draft, waiting, failed, onOpen } = props;
  const said = [
    mark === 'private' && t('sidebar.private'),
    unread && t('sidebar.unread'),
    draft && t('sidebar.draft'),
    waiting > 0 && t('sidebar.waiting', { count: waiting }),
    failed > 0 && t('sidebar.failed', { count: failed }),
    muted && t('sidebar.muted'),
  ].filter(Boolean);
  return (
    <button
      type="button"
      className={classNames(css.row, selected && css.selected, unread && !muted && css.unread, muted && css.muted)}
      aria-current={selected ? 'page' : undefined}
      onClick={() => onOpen(id)}
      data-conversation={id}
    >
      <span className={css.mark}>
        {mark === 'public' ? <ChannelIcon size={16} /> : mark === 'private' ? <PrivateIcon size={15} /> : mark}
      </span>
      <bdi className={css.name}>{name}</bdi>
      {said.length > 0 && <span className={css.said}>{`, ${said.join(', ')}`}</span>}
      {failed > 0 ? (
        <AlertIcon className={css.failed} size={15} aria-hidden="true" />
      ) : waiting > 0 ? (
        <WaitingIcon className={css.state} size={14} aria-hidden="true" />
      ) : (
        draft && !selected && <EditIcon className={css.state} size={13} aria-hidden="true" />
      )}
      <Badge count={mentions} label={t('sidebar.mentions', { count: mentions })} />
    </button>
  );
}
