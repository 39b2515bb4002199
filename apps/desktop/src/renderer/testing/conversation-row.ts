import type { ChannelId, ConversationView } from '@parley/sync/model';

/** A row of the sidebar: a public channel with nothing in it, but for what is said. */
export const row = (name: string, more: Partial<ConversationView> = {}): ConversationView => ({
  key: name as ChannelId,
  id: name as ChannelId,
  kind: 'public',
  name,
  with: [],
  presence: null,
  unread: 0,
  mentions: 0,
  starred: false,
  muted: false,
  archived: false,
  draft: false,
  waiting: 0,
  failed: 0,
  lastAt: 0,
  ...more,
});
