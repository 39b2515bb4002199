import type { ChannelView, Permission, WorkspaceId } from '@parley/sync/model';
import {
  ArchiveIcon,
  Avatar,
  BellIcon,
  ChevronDownIcon,
  EditIcon,
  formatCount,
  IconButton,
  InviteIcon,
  LeaveIcon,
  Menu,
  type MenuItem,
  MuteIcon,
  PeopleIcon,
  SearchIcon,
  StarIcon,
  t,
  UnreadIcon,
} from '@parley/ui';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { ChannelMark, isDirect } from './channel-name.tsx';
import { DrawerButton } from './drawer-button.tsx';
import css from './header.module.css';

const reason = (permission: Permission): { reason?: string } => (permission === true ? {} : { reason: permission });

function useItems(ws: WorkspaceId, channel: ChannelView): (MenuItem | null)[] {
  const command = useCommand();
  const { id: ch, can, muted, archived, kind } = channel;
  const prefs: (MenuItem | null)[] = [
    {
      key: 'star',
      label: channel.starred ? t('channel.unstar') : t('channel.star'),
      icon: <StarIcon size={15} />,
      onSelect: () => void command('channel.prefs', { ws, ch, star: !channel.starred }),
    },
    {
      key: 'notify',
      label: t('notify.menu'),
      icon: <BellIcon size={15} />,
      onSelect: () => view.dialog({ kind: 'channelNotify', ch }),
    },
    {
      key: 'mute',
      label: muted ? t('channel.unmute') : t('channel.mute'),
      icon: <MuteIcon size={15} />,
      onSelect: () => void command('channel.prefs', { ws, ch, mute: !muted }),
    },
  ];
  if (isDirect(kind)) return prefs;
  const dialog = (which: 'rename' | 'topic' | 'addPeople' | 'leave' | 'archive') => () =>
    view.dialog({ kind: which, ch });
  return [
    {
      key: 'topic',
      label: t('channel.setTopic'),
      icon: <EditIcon size={15} />,
      ...reason(can.topic),
      onSelect: dialog('topic'),
    },
    {
      key: 'rename',
      label: t('channel.rename'),
      icon: <EditIcon size={15} />,
      ...reason(can.rename),
      onSelect: dialog('rename'),
    },
    {
      key: 'invite',
      label: t('channel.invite'),
      icon: <InviteIcon size={15} />,
      ...reason(can.invite),
      onSelect: dialog('addPeople'),
    },
    null,
    ...prefs,
    null,
    archived
      ? {
          key: 'unarchive',
          label: t('channel.unarchive'),
          icon: <UnreadIcon size={15} />,
          ...reason(can.archive),
          onSelect: () => void command('channel.archive', { ws, ch, on: false }),
        }
      : {
          key: 'archive',
          label: t('channel.archive'),
          icon: <ArchiveIcon size={15} />,
          ...reason(can.archive),
          onSelect: dialog('archive'),
        },
    {
      key: 'leave',
      label: t('channel.leave'),
      icon: <LeaveIcon size={15} />,
      danger: true,
      ...reason(can.leave),
      onSelect: dialog('leave'),
    },
  ];
}

/** Above the messages: what this is, what it is about, who is in it. */
export function ConversationHeader({ ws, channel }: { ws: WorkspaceId; channel: ChannelView }) {
  const items = useItems(ws, channel);
  const person = channel.kind === 'dm' ? channel.with[0] : undefined;
  return (
    <header className={css.header}>
      <DrawerButton />
      <Menu
        items={items}
        trigger={
          <button type="button" className={css.name} aria-label={`${channel.name}. ${t('channel.details')}`}>
            {person !== undefined ? (
              <Avatar id={person} name={channel.name} size="small" />
            ) : (
              <ChannelMark kind={channel.kind} size={17} />
            )}
            <h1 className={css.title}>
              <bdi>{channel.name}</bdi>
            </h1>
            <ChevronDownIcon size={14} aria-hidden="true" />
          </button>
        }
      />
      {channel.archived && <span className={css.archived}>{t('channel.archivedMark')}</span>}
      {isDirect(channel.kind) ? (
        <span className={css.topic} />
      ) : channel.topic ? (
        <bdi className={css.topic} title={channel.topic}>
          {channel.topic}
        </bdi>
      ) : (
        <span className={css.topic}>
          {channel.can.topic === true && (
            <button
              type="button"
              className={css.addTopic}
              onClick={() => view.dialog({ kind: 'topic', ch: channel.id })}
            >
              {t('channel.topicEmpty')}
            </button>
          )}
        </span>
      )}
      {channel.memberCount > 0 && channel.kind !== 'dm' && (
        <button
          type="button"
          className={css.members}
          title={t('channel.members', { count: channel.memberCount })}
          aria-label={t('channel.members', { count: channel.memberCount })}
          disabled={isDirect(channel.kind) || channel.can.invite !== true}
          onClick={() => view.dialog({ kind: 'addPeople', ch: channel.id })}
        >
          <PeopleIcon size={15} aria-hidden="true" />
          {formatCount(channel.memberCount)}
        </button>
      )}
      <IconButton
        label={t('search.title')}
        icon={<SearchIcon size={17} />}
        onClick={() => view.pane({ kind: 'search' })}
      />
    </header>
  );
}
