import type { SidebarView, WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useMemo } from 'react';
import { LISTS, type ListName } from '../state/lists.ts';
import { type OpenDialog, view } from '../state/view-store.ts';
import type { SwitcherCommand } from './rank.ts';

/** What the switcher can have done. */
export function useSwitcherCommands(ws: WorkspaceId, sidebar: SidebarView): readonly SwitcherCommand[] {
  const isGuest = sidebar.me.role === 'guest';
  return useMemo(() => {
    const dialog = (
      kind: Extract<
        OpenDialog['kind'],
        'newChannel' | 'browse' | 'newMessage' | 'invitation' | 'preferences' | 'shortcuts'
      >,
      label: string,
    ) => ({
      key: kind,
      label,
      run: () => view.dialog({ kind }),
    });
    const list = (name: ListName) => ({
      key: name,
      label: t(`inbox.${name}`),
      run: () => view.list(ws, name),
    });
    return [
      ...LISTS.map(list),
      { key: 'ledger', label: t('inbox.outbox'), run: () => view.pane({ kind: 'ledger' }) },
      { key: 'search', label: t('keys.search'), run: () => view.pane({ kind: 'search' }) },
      dialog('newMessage', t('sidebar.newMessage')),
      ...(isGuest
        ? []
        : [dialog('newChannel', t('sidebar.newChannel')), dialog('invitation', t('sidebar.invitePeople'))]),
      dialog('browse', t('sidebar.browse')),
      dialog('preferences', t('prefs.title')),
      dialog('shortcuts', t('keys.title')),
    ];
  }, [ws, isGuest]);
}
