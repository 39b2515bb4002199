import { type DecideContext, decide, settingsOf } from '../../core/mod.ts';
import {
  type ChannelId,
  type ChannelPermissions,
  type ChannelRow,
  type ChannelView,
  type ConversationView,
  conversationStream,
  type DirectoryEntryView,
  type Intent,
  isKnownIntent,
  keyOf,
  type MemberView,
  membershipStream,
  OP_VERSION,
  type OpId,
  type OpKind,
  type Permission,
  type PersonView,
  type Queries,
  type SidebarView,
  type StreamId,
  type UserId,
  WORKSPACE_STREAM,
} from '../../model/mod.ts';
import { EVERYONE } from '../mention-index.ts';
import type { QueryContext } from './context.ts';
import { threadsUnread } from './messages.ts';
import { fold, wordsOf } from './search.ts';

const isDirect = (row: ChannelRow) => row.kind === 'dm' || row.kind === 'group';

/** Unread and mention counts of one conversation: the only place they are derived. */
export function countsOf(ctx: QueryContext, channel: ChannelRow): { unread: number; mentions: number } {
  const read = ctx.readUpTo(channel.ch);
  if (channel.msgs <= read) return { unread: 0, mentions: 0 };
  // Notes were never counted, so one that is gone takes nothing away.
  const gone = ctx.count(
    `SELECT count(*) AS n FROM message WHERE ch = ? AND ord > ? AND deleted = 1 AND kind <> 'note' AND (thread IS NULL OR also = 1)`,
    channel.ch,
    read,
  );
  const unread = Math.max(0, channel.msgs - read - gone);
  if (isDirect(channel)) return { unread, mentions: unread };
  const mentions = ctx.count(
    'SELECT count(DISTINCT msg) AS n FROM mention WHERE user IN (?, ?) AND ch = ? AND ord > ?',
    ctx.me,
    EVERYONE,
    channel.ch,
    read,
  );
  return { unread, mentions };
}

/** Conversations the person is in, those just joined here included. */
function joinedChannels(ctx: QueryContext): ChannelRow[] {
  return ctx
    .rows('joined', 'user = ? AND active = 1', [ctx.me], (row) => row.user === ctx.me && row.active === 1)
    .flatMap(({ ch }) => {
      const row = ctx.view.get('channel', ch);
      return row && !row.deleted ? [row] : [];
    });
}

/** The sidebar's rows, by name. */
export function listed(ctx: QueryContext): ConversationView[] {
  const drafts = new Set(
    ctx.rows('draft', `user = ? AND text <> ''`, [ctx.me], (row) => row.text !== '').map((row) => row.ch),
  );
  const waiting = new Map<string, { waiting: number; failed: number }>();
  for (const { intent, state } of ctx.replica.outbox.entries()) {
    if (intent.k !== 'msg.create') continue;
    const ch = intent.s.slice(2);
    const counts = waiting.get(ch) ?? { waiting: 0, failed: 0 };
    if (state.is === 'failed') counts.failed += 1;
    else counts.waiting += 1;
    waiting.set(ch, counts);
  }
  return joinedChannels(ctx)
    .map((row) => conversation(ctx, row, drafts.has(row.ch), waiting.get(row.ch)))
    .filter((c): c is ConversationView => c !== null)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Sums over all conversations that are not muted: what a badge shows. */
export function unreadSums(ctx: QueryContext): { unread: number; mentions: number } {
  return listed(ctx).reduce(
    (sum, c) => ({
      unread: sum.unread + (c.muted ? 0 : c.unread),
      mentions: sum.mentions + (c.muted ? 0 : c.mentions),
    }),
    { unread: 0, mentions: 0 },
  );
}

export function sidebar(ctx: QueryContext): SidebarView {
  const me = ctx.user(ctx.me);
  return {
    workspace: { id: ctx.replica.identity.workspace, name: ctx.view.get('workspace', 'workspace')?.name ?? '' },
    me: me ? ctx.person(me) : unknownPerson(ctx.me),
    conversations: listed(ctx),
    threadsUnread: threadsUnread(ctx),
  };
}

/** Oneself before the first sync. */
const unknownPerson = (id: UserId): PersonView => ({
  key: id,
  id,
  name: '',
  handle: '',
  role: 'member',
  bot: false,
  active: true,
  title: '',
  pronouns: '',
  phone: '',
  email: null,
  tz: '',
  avatar: '',
  status: null,
  presence: 'offline',
});

function conversation(
  ctx: QueryContext,
  row: ChannelRow,
  draft: boolean,
  pending: { waiting: number; failed: number } | undefined,
): ConversationView | null {
  const prefs = ctx.view.get('chan_pref', keyOf(ctx.me, row.ch));
  const counts = countsOf(ctx, row);
  // A direct conversation nobody has written in shows only to who opened it; a hidden one comes back when written to.
  const quiet = isDirect(row) && row.msgs === 0 && row.creator !== ctx.me && !pending;
  if (quiet || (prefs?.hidden && counts.unread === 0)) return null;
  const others = isDirect(row) ? ctx.others(row.ch) : [];
  const only = others.length === 1 ? others[0] : undefined;
  return {
    key: row.ch,
    id: row.ch,
    kind: row.kind,
    name: ctx.conversationName(row.ch),
    with: others,
    presence: only ? ctx.around.presence(only) : null,
    ...counts,
    starred: prefs?.star === 1,
    muted: prefs?.mute === 1,
    archived: row.archived === 1,
    draft,
    waiting: pending?.waiting ?? 0,
    failed: pending?.failed ?? 0,
    lastAt: row.last_at || row.at,
  };
}

/** Asks `decide` itself whether an op would be accepted: the interface says what the relay would say. */
function permission<K extends OpKind>(ctx: QueryContext, s: StreamId, k: K, b: Intent<K>['b']): Permission {
  const now = ctx.around.now();
  const intent = {
    i: '00000000-0000-7000-8000-000000000000' as OpId,
    n: 0,
    s,
    k,
    v: OP_VERSION,
    t: now,
    b,
  } as unknown as Intent;
  if (!isKnownIntent(intent)) return 'Not possible here.';
  const decideContext: DecideContext = {
    ...ctx.replica.identity,
    actor: ctx.me,
    now,
    authority: 'person',
    head: (id) => ctx.replica.head(id),
  };
  const decision = decide(ctx.view, intent, decideContext);
  return decision.ok ? true : decision.reject.detail;
}

function permissions(ctx: QueryContext, row: ChannelRow): ChannelPermissions {
  const [c, m] = [conversationStream(row.ch), membershipStream(row.ch)];
  return {
    post: permission(ctx, c, 'msg.create', { text: '.' }),
    invite: permission(ctx, m, 'mem.invite', { users: [ctx.me] }),
    rename: permission(ctx, c, 'ch.rename', { name: row.name }),
    topic: permission(ctx, c, 'ch.topic', { topic: row.topic }),
    archive: permission(ctx, c, row.archived ? 'ch.unarchive' : 'ch.archive', {}),
    delete: permission(ctx, c, 'ch.delete', {}),
    convert: permission(ctx, c, 'ch.convert', { to: 'private' }),
    leave: permission(ctx, m, 'mem.leave', {}),
    mentionAll: permission(ctx, c, 'msg.create', { text: '<!channel>' }),
  };
}

export function channel(ctx: QueryContext, ch: ChannelId): ChannelView | null {
  const row = ctx.view.get('channel', ch);
  if (!row || row.deleted) return null;
  const prefs = ctx.view.get('chan_pref', keyOf(ctx.me, ch));
  return {
    id: ch,
    kind: row.kind,
    name: ctx.conversationName(ch),
    topic: row.topic,
    purpose: row.purpose,
    archived: row.archived === 1,
    joined: ctx.view.get('joined', keyOf(ctx.me, ch))?.active === 1,
    memberCount: ctx.memberCount(ch),
    with: isDirect(row) ? ctx.others(ch) : [],
    createdAt: row.at,
    creator: ctx.userName(row.creator),
    starred: prefs?.star === 1,
    muted: prefs?.mute === 1,
    notify: prefs?.notify ?? 'default',
    draft: ctx.view.get('draft', keyOf(ctx.me, ch, ''))?.text ?? '',
    can: permissions(ctx, row),
  };
}

export function members(ctx: QueryContext, ch: ChannelId, limit: number): readonly MemberView[] {
  const rows =
    ctx.replica.countOf(membershipStream(ch)) === null
      ? ctx.view.find('member', 'by_channel', [ch, 1], limit)
      : (ctx.around.members?.(ch, limit) ?? []);
  return rows.flatMap((member) => {
    const user = ctx.user(member.user);
    return user ? [{ ...ctx.person(user), channelRole: member.role }] : [];
  });
}

/** Names that begin with what was typed come first, then those that contain it, or words that begin with its words. */
function matching<T extends { name: string }>(rows: readonly T[], match: string, also: (row: T) => string): T[] {
  const wanted = fold(match.trim());
  if (!wanted) return [...rows];
  const words = wordsOf(wanted);
  const rank = (row: T) => {
    const texts = [fold(row.name), fold(also(row))];
    if (texts.some((text) => text.startsWith(wanted))) return 0;
    if (texts.some((text) => text.includes(wanted))) return 1;
    const held = texts.flatMap(wordsOf);
    return words.length && words.every((word) => held.some((other) => other.startsWith(word))) ? 1 : 2;
  };
  return rows
    .map((row) => ({ row, rank: rank(row) }))
    .filter(({ rank: r }) => r < 2)
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
}

/** Everyone whose name fits; where not everyone is here, those the relay finds come with a later answer. */
export function people(ctx: QueryContext, match: string, limit: number): readonly PersonView[] {
  if (!ctx.holdsEveryone) ctx.around.find?.(match);
  const rows = ctx.rows('user', 'active = 1 ORDER BY name', [], (row) => row.active === 1);
  return matching(rows, match, (row) => (row.email ? `${row.handle} ${row.email}` : row.handle))
    .slice(0, limit)
    .map((row) => ctx.person(row));
}

export function directory(ctx: QueryContext, match: string): readonly DirectoryEntryView[] {
  const rows = ctx.rows('directory', 'gone = 0 ORDER BY name', [], (row) => row.gone === 0);
  return matching(rows, match, (row) => row.topic).map((row) => ({
    key: row.ch,
    id: row.ch,
    name: row.name,
    topic: row.topic,
    purpose: row.purpose,
    archived: row.archived === 1,
    joined: ctx.view.get('joined', keyOf(ctx.me, row.ch))?.active === 1,
    memberCount: ctx.memberCount(row.ch),
    held: ctx.view.get('channel', row.ch) !== undefined,
  }));
}

export function settings(ctx: QueryContext): Queries['settings']['result'] {
  return {
    name: ctx.view.get('workspace', 'workspace')?.name ?? '',
    settings: settingsOf(ctx.view),
    mayChange: permission(ctx, WORKSPACE_STREAM, 'ws.set', {}),
  };
}
