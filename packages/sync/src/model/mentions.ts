import { getOrMake } from './get-or-make.ts';
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

/**
 * `text` in pieces, prose and code by turns, beginning with prose: a run of backticks opens code that the next run of
 * the same length closes. What stands in code is shown as it is and addresses nobody. Linear.
 */
function proseAndCode(text: string): readonly string[] {
  if (!text.includes('`')) return [text];
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ at: run.index, length: run[0].length }));
  const byLength = new Map<number, number[]>();
  for (const [index, { length }] of [...runs.entries()].reverse()) getOrMake(byLength, length, () => []).push(index);
  const pieces: string[] = [];
  let from = 0;
  for (let index = 0; index < runs.length; index++) {
    const open = runs[index] as (typeof runs)[number];
    const same = byLength.get(open.length) as number[];
    while ((same.at(-1) ?? runs.length) <= index) same.pop();
    const closing = same.at(-1);
    if (closing === undefined) continue;
    const close = runs[closing] as (typeof runs)[number];
    pieces.push(text.slice(from, open.at), text.slice(open.at, close.at + close.length));
    from = close.at + close.length;
    index = closing;
  }
  return [...pieces, text.slice(from)];
}

const isProse = (_piece: string, at: number): boolean => at % 2 === 0;

/** What `text` mentions. Linear in its length; text without a token costs one scan. */
export function parseMentions(text: string): Mentions {
  if (!text.includes('<')) return NONE;
  const users = new Set<UserId>();
  const channels = new Set<ChannelId>();
  let all: Mentions['all'] = null;
  for (const match of proseAndCode(text).filter(isProse).join(' ').matchAll(TOKEN)) {
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
  const named = (_: string, user?: string, channel?: string, all?: string) =>
    user !== undefined
      ? `@${name.user(user as UserId)}`
      : channel !== undefined
        ? `#${name.channel(channel as ChannelId)}`
        : `@${all}`;
  return proseAndCode(text)
    .map((piece, at) => (isProse(piece, at) ? piece.replace(TOKEN, named) : piece))
    .join('');
}
