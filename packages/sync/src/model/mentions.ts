import type { ChannelId, UserId } from './ids.ts';

/**
 * Mention tokens inside the canonical Markdown: `<@user>`, `<#channel>`, `<!here>`, `<!channel>`. The id, never the
 * name, is stored, so a rename shows everywhere. A backslash before `<` makes it plain text.
 */
const TOKEN =
  /(?<!\\)<(?:@([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|#([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|!(here|channel))>/g;

export interface Mentions {
  readonly users: ReadonlySet<UserId>;
  readonly channels: ReadonlySet<ChannelId>;
  /** `@channel` (everyone in it) or `@here` (those present). */
  readonly all: 'channel' | 'here' | null;
}

const NONE: Mentions = { users: new Set(), channels: new Set(), all: null };

/** What `text` mentions. Linear in its length; text without a token costs one scan. */
export function parseMentions(text: string): Mentions {
  if (!text.includes('<')) return NONE;
  const users = new Set<UserId>();
  const channels = new Set<ChannelId>();
  let all: Mentions['all'] = null;
  for (const match of text.matchAll(TOKEN)) {
    if (match[1] !== undefined) users.add(match[1] as UserId);
    else if (match[2] !== undefined) channels.add(match[2] as ChannelId);
    else if (match[3] === 'channel' || all === null) all = match[3] as 'channel' | 'here';
  }
  return users.size || channels.size || all ? { users, channels, all } : NONE;
}

export const userMention = (user: UserId): string => `<@${user}>`;
export const channelMention = (channel: ChannelId): string => `<#${channel}>`;

/** Replaces each token by what `name` makes of it: for previews, search text and terminals. */
export function renderMentions(
  text: string,
  name: { user(id: UserId): string; channel(id: ChannelId): string },
): string {
  if (!text.includes('<')) return text;
  return text.replace(TOKEN, (_, user?: string, channel?: string, all?: string) =>
    user !== undefined
      ? `@${name.user(user as UserId)}`
      : channel !== undefined
        ? `#${name.channel(channel as ChannelId)}`
        : `@${all}`,
  );
}
