import type { SidebarView, WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { DrawerButton } from '../conversation/drawer-button.tsx';
import type { ListName } from '../state/lists.ts';
import { ActivityList } from './activity-list.tsx';
import css from './inbox.module.css';
import { LaterList } from './later-list.tsx';
import { ThreadsList } from './threads-list.tsx';
import { UnreadsList } from './unreads-list.tsx';

export interface ListProps {
  ws: WorkspaceId;
  sidebar: SidebarView;
}

const KINDS = {
  unreads: { title: 'inbox.unreads', list: UnreadsList },
  threads: { title: 'inbox.threads', list: ThreadsList },
  activity: { title: 'inbox.activity', list: ActivityList },
  later: { title: 'inbox.later', list: LaterList },
} as const satisfies Record<ListName, unknown>;

/** A list across conversations, in the place of one. */
export function Inbox({ list, ...props }: ListProps & { list: ListName }) {
  const { title, list: List } = KINDS[list];
  return (
    <main className={css.inbox} aria-label={t(title)} data-region="conversation">
      <header className={css.header}>
        <DrawerButton />
        <h1 className={css.title}>{t(title)}</h1>
      </header>
      <List {...props} />
    </main>
  );
}
