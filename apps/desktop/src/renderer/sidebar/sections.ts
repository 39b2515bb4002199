import type { ConversationView } from '@parley/sync/model';
import { isDirect } from '../conversation/channel-name.tsx';

export interface SidebarSection {
  readonly key: 'starred' | 'channels' | 'direct';
  readonly title: 'sidebar.starred' | 'sidebar.channels' | 'sidebar.direct';
  readonly rows: readonly ConversationView[];
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The sidebar from top to bottom: what is starred, channels by name, people by who wrote last. */
export function sectionsOf(conversations: readonly ConversationView[]): readonly SidebarSection[] {
  const shown = conversations.filter(
    (each) => !each.archived || each.unread > 0 || each.waiting > 0 || each.failed > 0,
  );
  const named = (rows: ConversationView[]) => rows.sort((a, b) => byName.compare(a.name, b.name));
  return [
    { key: 'starred', title: 'sidebar.starred', rows: named(shown.filter((each) => each.starred)) },
    {
      key: 'channels',
      title: 'sidebar.channels',
      rows: named(shown.filter((each) => !each.starred && !isDirect(each.kind))),
    },
    {
      key: 'direct',
      title: 'sidebar.direct',
      rows: shown.filter((each) => !each.starred && isDirect(each.kind)).sort((a, b) => b.lastAt - a.lastAt),
    },
  ];
}

/** What a collapsed section still shows: where one is, and what is unread. */
export const whileCollapsed = (row: ConversationView, selected: string | undefined): boolean =>
  row.id === selected || (row.unread > 0 && !row.muted) || row.mentions > 0 || row.failed > 0;

/** The rows a person sees, in order: what the keys for next and previous walk through. */
export function visibleRows(
  sections: readonly SidebarSection[],
  collapsed: readonly string[],
  selected: string | undefined,
): readonly ConversationView[] {
  return sections.flatMap(({ key, rows }) =>
    collapsed.includes(key) ? rows.filter((row) => whileCollapsed(row, selected)) : rows,
  );
}

/** The row `step` further, around the ends; with `unread`, the next that has something unread. */
export function neighbour(
  rows: readonly ConversationView[],
  selected: string | undefined,
  step: 1 | -1,
  unread: boolean,
): ConversationView | null {
  const at = rows.findIndex((row) => row.id === selected);
  const from = at < 0 && step === -1 ? 0 : at;
  for (let distance = 1; distance <= rows.length; distance++) {
    const row = rows[(from + step * distance + rows.length * 2) % rows.length];
    if (row && row.id !== selected && (!unread || (row.unread > 0 && !row.muted) || row.mentions > 0)) return row;
  }
  return null;
}
