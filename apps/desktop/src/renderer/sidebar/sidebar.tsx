import type { ChannelId, ConversationView, SidebarView, SyncView, WorkspaceId } from '@parley/sync/model';
import {
  AddIcon,
  Avatar,
  BrowseIcon,
  ChevronDownIcon,
  ChevronRightIcon,
  IconButton,
  InviteIcon,
  KeyboardIcon,
  LeaveIcon,
  Menu,
  NewMessageIcon,
  ResizeHandle,
  SearchIcon,
  SettingsIcon,
  SidebarRow,
  SyncChip,
  t,
} from '@parley/ui';
import { type ReactNode, useCallback, useMemo } from 'react';
import { isMac } from '../app/platform.ts';
import { SIDEBAR, useWidth } from '../app/use-width.ts';
import { isDirect } from '../conversation/channel-name.tsx';
import { useView, view } from '../state/view-store.ts';
import { ListRows } from './list-rows.tsx';
import { type SidebarSection, sectionsOf, whileCollapsed } from './sections.ts';
import css from './sidebar.module.css';

export interface SidebarProps {
  ws: WorkspaceId;
  sidebar: SidebarView;
  sync: SyncView | undefined;
  selected: ChannelId | undefined;
}

function markOf(row: ConversationView): ReactNode {
  if (!isDirect(row.kind)) return row.kind;
  if (row.kind === 'group') return <span className={css.people}>{row.with.length}</span>;
  return <Avatar id={row.with[0] ?? row.id} name={row.name} size="tiny" presence={row.presence} />;
}

export function Sidebar({ ws, sidebar, sync, selected }: SidebarProps) {
  const [width, setWidth] = useWidth('sidebar', SIDEBAR);
  const sections = useMemo(() => sectionsOf(sidebar.conversations), [sidebar.conversations]);
  const open = useCallback((id: string) => view.conversation(ws, id as ChannelId), [ws]);
  return (
    <nav
      className={css.sidebar}
      style={width === null ? {} : { inlineSize: width }}
      aria-label={t('sidebar.label')}
      data-region="sidebar"
    >
      <ResizeHandle
        width={width ?? SIDEBAR.normal}
        least={SIDEBAR.least}
        most={SIDEBAR.most}
        side="end"
        onWidth={setWidth}
      />
      <header className={css.header}>
        <WorkspaceMenu sidebar={sidebar} />
        <IconButton
          label={t('sidebar.newMessage')}
          icon={<NewMessageIcon size={17} />}
          onClick={() => view.dialog({ kind: 'newMessage' })}
        />
      </header>
      <button type="button" className={css.search} onClick={() => view.pane({ kind: 'search' })}>
        <SearchIcon size={15} aria-hidden="true" />
        <span>{t('sidebar.search')}</span>
        <kbd className={css.key}>{t(isMac ? 'key.searchMac' : 'key.search')}</kbd>
      </button>
      <div className={css.list}>
        <ListRows ws={ws} sidebar={sidebar} sync={sync} />
        {sections.map((section) => (
          <Section key={section.key} section={section} selected={selected} onOpen={open} />
        ))}
      </div>
      <footer className={css.footer}>
        {sync && <SyncChip standing={sync} detail={sync.detail} onOpen={() => view.pane({ kind: 'ledger' })} />}
        <span className={css.me} title={sidebar.me.name}>
          <Avatar
            id={sidebar.me.id}
            name={sidebar.me.name}
            image={sidebar.me.avatar}
            size="small"
            presence={sidebar.me.presence}
          />
        </span>
      </footer>
    </nav>
  );
}

function WorkspaceMenu({ sidebar }: { sidebar: SidebarView }) {
  const { name } = sidebar.workspace;
  const { role } = sidebar.me;
  return (
    <Menu
      trigger={
        <button type="button" className={css.workspace} aria-label={t('sidebar.menu', { name })}>
          <bdi className={css.workspaceName}>{name}</bdi>
          <ChevronDownIcon size={15} aria-hidden="true" />
        </button>
      }
      header={
        <div className={css.whoami}>
          <Avatar id={sidebar.me.id} name={sidebar.me.name} image={sidebar.me.avatar} />
          <span className={css.whoamiText}>
            <bdi className={css.whoamiName}>{sidebar.me.name}</bdi>
            {sidebar.me.email && <bdi className={css.whoamiMail}>{sidebar.me.email}</bdi>}
          </span>
        </div>
      }
      items={[
        ...(role === 'guest'
          ? []
          : [
              {
                key: 'invite',
                label: t('sidebar.invitePeople'),
                icon: <InviteIcon size={15} />,
                onSelect: () => view.dialog({ kind: 'invitation' }),
              },
            ]),
        {
          key: 'browse',
          label: t('sidebar.browse'),
          icon: <BrowseIcon size={15} />,
          onSelect: () => view.dialog({ kind: 'browse' }),
        },
        {
          key: 'preferences',
          label: t('prefs.title'),
          icon: <SettingsIcon size={15} />,
          onSelect: () => view.dialog({ kind: 'preferences' }),
        },
        {
          key: 'shortcuts',
          label: t('keys.title'),
          icon: <KeyboardIcon size={15} />,
          onSelect: () => view.dialog({ kind: 'shortcuts' }),
        },
        null,
        {
          key: 'signOut',
          label: t('sidebar.signOut', { name }),
          icon: <LeaveIcon size={15} />,
          onSelect: () => view.dialog({ kind: 'signOut' }),
        },
      ]}
    />
  );
}

interface SectionProps {
  section: SidebarSection;
  selected: ChannelId | undefined;
  onOpen(id: string): void;
}

function Section({ section, selected, onOpen }: SectionProps) {
  const collapsed = useView((state) => state.collapsed.includes(section.key));
  const title = t(section.title);
  if (section.key === 'starred' && section.rows.length === 0) return null;
  const rows = collapsed ? section.rows.filter((row) => whileCollapsed(row, selected)) : section.rows;
  return (
    <section className={css.section} aria-label={title}>
      <div className={css.sectionHead}>
        <button
          type="button"
          className={css.toggle}
          aria-expanded={!collapsed}
          aria-label={t(collapsed ? 'sidebar.expand' : 'sidebar.collapse', { section: title })}
          onClick={() => view.section(section.key)}
        >
          <ChevronRightIcon className={collapsed ? css.closed : css.opened} size={14} aria-hidden="true" />
          {title}
        </button>
        {section.key === 'channels' && (
          <Menu
            align="end"
            trigger={
              <IconButton
                size="small"
                label={t('sidebar.addChannel')}
                icon={<AddIcon size={16} />}
                className={css.add ?? ''}
              />
            }
            items={[
              {
                key: 'new',
                label: t('sidebar.newChannel'),
                icon: <AddIcon size={15} />,
                onSelect: () => view.dialog({ kind: 'newChannel' }),
              },
              {
                key: 'browse',
                label: t('sidebar.browse'),
                icon: <BrowseIcon size={15} />,
                onSelect: () => view.dialog({ kind: 'browse' }),
              },
            ]}
          />
        )}
        {section.key === 'direct' && (
          <IconButton
            size="small"
            className={css.add ?? ''}
            label={t('sidebar.newMessage')}
            icon={<AddIcon size={16} />}
            onClick={() => view.dialog({ kind: 'newMessage' })}
          />
        )}
      </div>
      <ul>
        {rows.map((row) => (
          <li key={row.key}>
            <SidebarRow
              id={row.id}
              name={row.name}
              mark={markOf(row)}
              selected={row.id === selected}
              unread={row.unread > 0}
              mentions={row.mentions}
              muted={row.muted}
              draft={row.draft}
              waiting={row.waiting}
              failed={row.failed}
              onOpen={onOpen}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
