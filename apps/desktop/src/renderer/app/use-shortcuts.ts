import type { ChannelId, SidebarView, WorkspaceId } from '@parley/sync/model';
import { useEffect, useRef } from 'react';
import { useMarkAllRead } from '../inbox/use-mark-all-read.ts';
import { neighbour, sectionsOf, visibleRows } from '../sidebar/sections.ts';
import type { ListName } from '../state/lists.ts';
import { useView, view } from '../state/view-store.ts';
import { isMac } from './platform.ts';
import { moveRegion } from './regions.ts';

/** With Ctrl or Cmd, and Shift. */
const LIST_KEYS: Readonly<Record<string, ListName>> = { a: 'unreads', t: 'threads', m: 'activity', s: 'later' };

/** Keys that work everywhere in a workspace. */
export function useShortcuts(ws: WorkspaceId, sidebar: SidebarView | undefined, selected: ChannelId | undefined): void {
  const latest = useRef({ sidebar, selected });
  useEffect(() => {
    latest.current = { sidebar, selected };
  });
  const markAllRead = useMarkAllRead(ws);
  useEffect(() => {
    const go = (step: 1 | -1, unread: boolean) => {
      const { sidebar, selected } = latest.current;
      if (!sidebar) return;
      const rows = visibleRows(sectionsOf(sidebar.conversations), useView.getState().collapsed, selected);
      const row = neighbour(rows, selected, step, unread);
      if (row) view.conversation(ws, row.id);
    };
    const keyDown = (event: KeyboardEvent) => {
      const { key, altKey, shiftKey } = event;
      const primary = isMac ? event.metaKey : event.ctrlKey;
      const open = useView.getState().dialog;
      if (altKey && !primary && (key === 'ArrowUp' || key === 'ArrowDown') && !open)
        go(key === 'ArrowDown' ? 1 : -1, shiftKey);
      else if (primary && !altKey && !shiftKey && key.toLowerCase() === 'k')
        view.dialog(open?.kind === 'switcher' ? null : { kind: 'switcher' });
      else if (primary && !altKey && shiftKey && key.toLowerCase() === 'k' && !open)
        view.dialog({ kind: 'newMessage' });
      else if (primary && !altKey && !shiftKey && key.toLowerCase() === 'g' && !open) view.pane({ kind: 'search' });
      else if (primary && !altKey && key === '.' && !open) view.pane(null);
      else if (primary && !altKey && shiftKey && LIST_KEYS[key.toLowerCase()] && !open)
        view.list(ws, LIST_KEYS[key.toLowerCase()] as ListName);
      else if (primary && !altKey && !shiftKey && key === ',' && !open) view.dialog({ kind: 'preferences' });
      else if (primary && !altKey && key === '/' && !open) view.dialog({ kind: 'shortcuts' });
      else if (key === 'Escape' && shiftKey && !primary && !altKey && !open) void markAllRead();
      else if (key === 'F6' && !open) moveRegion(shiftKey ? -1 : 1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', keyDown);
    return () => window.removeEventListener('keydown', keyDown);
  }, [ws, markAllRead]);
}
