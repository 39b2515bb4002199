import type { ChannelId, SidebarView } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useEffect } from 'react';
import { spokenName } from '../conversation/channel-name.tsx';

/** The window's title: where one is, and how much of it needs the person. */
export function useTitle(sidebar: SidebarView | undefined, selected: ChannelId | undefined): void {
  const row = sidebar?.conversations.find((conversation) => conversation.id === selected);
  const mentions = sidebar?.conversations.reduce((sum, each) => sum + (each.muted ? 0 : each.mentions), 0) ?? 0;
  const place = [row && spokenName(row), sidebar?.workspace.name, t('app.name')].filter(Boolean).join(' · ');
  const title = mentions > 0 ? `(${mentions}) ${place}` : place;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
