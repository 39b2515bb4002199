import type { ChannelId, SidebarView, WorkspaceEntryView, WorkspaceId } from '@parley/sync/model';
import { Button, classNames, EmptyState, t } from '@parley/ui';
import { useEffect, useMemo } from 'react';
import { Conversation } from '../conversation/conversation.tsx';
import { Dialogs } from '../dialogs/dialogs.tsx';
import { useEngine } from '../engine/engine-context.ts';
import { useQuery } from '../engine/use-query.ts';
import { Inbox } from '../inbox/inbox.tsx';
import { LedgerPane } from '../ledger/ledger-pane.tsx';
import { useAppearance } from '../preferences/use-preferences.ts';
import { WorkspaceRail } from '../rail/rail.tsx';
import { SearchPane } from '../search/search-pane.tsx';
import { sectionsOf } from '../sidebar/sections.ts';
import { Sidebar } from '../sidebar/sidebar.tsx';
import { useView, view } from '../state/view-store.ts';
import { ThreadPane } from '../thread/thread-pane.tsx';
import css from './app.module.css';
import { RepairedBar } from './repaired-bar.tsx';
import { ShutWorkspace } from './shut-workspace.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { useTitle } from './use-title.ts';

/** One workspace: rail, sidebar, conversation, and what stands to the right. */
export function Workspace({ ws, workspaces }: { ws: WorkspaceId; workspaces: readonly WorkspaceEntryView[] }) {
  const engine = useEngine();
  const sidebar = useQuery('sidebar', { ws });
  const sync = useQuery('sync', { ws });
  const chosen = useView((state) => state.open[ws]);
  const jump = useView((state) => state.jump);
  const list = useView((state) => state.list);
  const drawer = useView((state) => state.drawer);
  const selected = useMemo(() => chosen ?? firstOf(sidebar), [chosen, sidebar]);

  // What is on screen is subscribed to in full; a conversation of a hundred thousand is otherwise only counted.
  useEffect(() => {
    if (selected) void engine.call('sync.open', { ws, channels: list ? [] : [selected] }).catch(() => {});
  }, [engine, ws, selected, list]);
  useEffect(() => {
    if (!chosen && !list && selected) view.conversation(ws, selected);
  }, [ws, chosen, list, selected]);
  const clock = useAppearance(ws);
  useShortcuts(ws, sidebar, selected);
  useTitle(sidebar, selected);

  if (!sidebar)
    return (
      <div className={css.workspace}>
        {/* What can't be opened has no conversations to show; why, and what else there is, it can. */}
        {sync?.state === 'refused' && (
          <>
            <WorkspaceRail workspaces={workspaces} current={ws} />
            <ShutWorkspace sync={sync} />
          </>
        )}
      </div>
    );
  const target = jump && jump.ch === selected ? jump : null;
  const columns = (
    <div className={classNames(css.workspace, drawer && css.drawer)}>
      <div className={css.side}>
        <WorkspaceRail workspaces={workspaces} current={ws} />
        <Sidebar ws={ws} sidebar={sidebar} sync={sync} selected={list ? undefined : selected} />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape and any choice close the drawer too */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only covers what is behind the drawer */}
      <div className={css.scrim} onClick={() => view.drawer(false)} />
      {list ? (
        <Inbox key={clock} list={list} ws={ws} sidebar={sidebar} />
      ) : selected ? (
        <Conversation
          key={`${selected} ${target?.times ?? ''} ${clock}`}
          ws={ws}
          ch={selected}
          sidebar={sidebar}
          jump={target?.msg ?? null}
        />
      ) : (
        <EmptyState
          title={t('empty.nothingYet')}
          body={t('empty.nothingYetBody')}
          action={
            <Button look="primary" onClick={() => view.dialog({ kind: 'browse' })}>
              {t('sidebar.browse')}
            </Button>
          }
        />
      )}
      <RightPane key={`pane ${clock}`} ws={ws} sidebar={sidebar} />
      <Dialogs ws={ws} sidebar={sidebar} />
    </div>
  );
  return (
    <div className={css.frame}>
      <RepairedBar ws={ws} notice={sync?.notice ?? null} />
      {columns}
    </div>
  );
}

const firstOf = (sidebar: SidebarView | undefined): ChannelId | undefined =>
  sidebar && sectionsOf(sidebar.conversations).flatMap(({ rows }) => rows)[0]?.id;

function RightPane({ ws, sidebar }: { ws: WorkspaceId; sidebar: SidebarView }) {
  const pane = useView((state) => state.pane);
  const sync = useQuery('sync', { ws });
  switch (pane?.kind) {
    case undefined:
      return null;
    case 'thread':
      return <ThreadPane key={pane.root} ws={ws} ch={pane.ch} root={pane.root} sidebar={sidebar} />;
    case 'search':
      return <SearchPane ws={ws} />;
    case 'ledger':
      return <LedgerPane ws={ws} sync={sync} sidebar={sidebar} />;
  }
}
