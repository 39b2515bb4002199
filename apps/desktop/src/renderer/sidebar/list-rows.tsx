import type { SidebarView, SyncView, WorkspaceId } from '@parley/sync/model';
import { ListRow, MentionIcon, OutboxIcon, SaveIcon, ThreadIcon, t, UnreadIcon } from '@parley/ui';
import { useView, view } from '../state/view-store.ts';
import css from './sidebar.module.css';

interface ListRowsProps {
  ws: WorkspaceId;
  sidebar: SidebarView;
  sync: SyncView | undefined;
}

const SIZE = 16;

/** Above the conversations: the lists that go across them. */
export function ListRows({ ws, sidebar, sync }: ListRowsProps) {
  const list = useView((state) => state.list);
  const ledger = useView((state) => state.pane?.kind === 'ledger');
  const unread = sidebar.conversations.some((row) => row.unread > 0 && !row.muted);
  return (
    <ul className={css.lists} aria-label={t('sidebar.lists')}>
      <li>
        <ListRow
          icon={<UnreadIcon size={SIZE} />}
          name={t('inbox.unreads')}
          selected={list === 'unreads'}
          unread={unread}
          onOpen={() => view.list(ws, 'unreads')}
        />
      </li>
      <li>
        <ListRow
          icon={<ThreadIcon size={SIZE} />}
          name={t('inbox.threads')}
          selected={list === 'threads'}
          unread={sidebar.threadsUnread > 0}
          onOpen={() => view.list(ws, 'threads')}
        />
      </li>
      <li>
        <ListRow
          icon={<MentionIcon size={SIZE} />}
          name={t('inbox.activity')}
          selected={list === 'activity'}
          onOpen={() => view.list(ws, 'activity')}
        />
      </li>
      <li>
        <ListRow
          icon={<OutboxIcon size={SIZE} />}
          name={t('inbox.outbox')}
          selected={ledger}
          count={sync?.failed ?? 0}
          onOpen={() => view.pane(ledger ? null : { kind: 'ledger' })}
        />
      </li>
      <li>
        <ListRow
          icon={<SaveIcon size={SIZE} />}
          name={t('inbox.later')}
          selected={list === 'later'}
          onOpen={() => view.list(ws, 'later')}
        />
      </li>
    </ul>
  );
}
