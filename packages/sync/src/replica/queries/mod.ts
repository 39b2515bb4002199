import type { ChannelId, Queries, QueryName } from '../../model/mod.ts';
import { type ChangeKey, inChannel } from '../changes.ts';
import type { QueryContext } from './context.ts';
import { channel, directory, members, people, settings, sidebar } from './conversations.ts';
import { activity, drafts, later, threads, unreads } from './inbox.ts';
import { ledger } from './ledger.ts';
import { history, pins, saved, type ThreadMemo, type TimelineMemo, thread, timeline } from './messages.ts';
import { notifySettings, whyNotified } from './notifications.ts';
import { search } from './search.ts';

export { type Presence, QueryContext, type QuerySurroundings } from './context.ts';
export { countsOf, unreadSums } from './conversations.ts';
export { notificationsOf } from './notifications.ts';

/** What a watched query keeps between answers. */
export type QueryMemo = TimelineMemo & ThreadMemo;

interface QuerySpec<Q extends QueryName> {
  run(ctx: QueryContext, params: Queries[Q]['params'], memo: QueryMemo): Queries[Q]['result'];
  /** What the answer depends on; a commit that touches one of these asks again. */
  deps(params: Queries[Q]['params']): readonly ChangeKey[];
}

/** A list is read from its top; nobody scrolls further than this without looking for something. */
const MOST_LISTED = 500;

const inConversation = (ch: ChannelId): ChangeKey[] => [
  inChannel('message', ch),
  inChannel('channel', ch),
  inChannel('saved', ch),
  'user',
  'emoji',
  'outbox',
];

/** Queries of one workspace: one per view, each with what it depends on. */
export const QUERIES: { readonly [Q in Exclude<QueryName, 'workspaces'>]: QuerySpec<Q> } = {
  sidebar: {
    run: (ctx) => sidebar(ctx),
    deps: () => [
      'joined',
      'channel',
      'posted',
      'read',
      'chan_pref',
      'draft',
      'member',
      'user',
      'workspace',
      'outbox',
      'presence',
      'message',
      'follow',
      'thread_read',
    ],
  },
  sync: { run: (ctx) => ctx.around.sync(), deps: () => ['sync', 'outbox'] },
  timeline: {
    run: (ctx, params, memo) => timeline(ctx, params, memo),
    deps: ({ ch }) => [...inConversation(ch), 'sync'],
  },
  thread: {
    run: (ctx, { root }, memo) => thread(ctx, root, memo),
    deps: () => ['message', 'user', 'emoji', 'saved', 'follow', 'outbox'],
  },
  channel: {
    run: (ctx, { ch }) => channel(ctx, ch),
    deps: ({ ch }) => [
      inChannel('channel', ch),
      inChannel('member', ch),
      inChannel('joined', ch),
      inChannel('chan_pref', ch),
      inChannel('draft', ch),
      'user',
      'workspace',
    ],
  },
  members: {
    run: (ctx, { ch, limit }) => members(ctx, ch, limit),
    deps: ({ ch }) => [inChannel('member', ch), 'user', 'presence'],
  },
  people: { run: (ctx, { match, limit }) => people(ctx, match, limit), deps: () => ['user', 'presence'] },
  person: {
    run: (ctx, { user }) => {
      const row = ctx.user(user);
      return row ? ctx.person(row) : null;
    },
    deps: () => ['user', 'presence'],
  },
  directory: { run: (ctx, { match }) => directory(ctx, match), deps: () => ['directory', 'joined', 'member'] },
  typing: {
    run: (ctx, { ch, root }) => ctx.around.typing(ch, root).map((user) => ctx.userName(user)),
    deps: ({ ch }) => [inChannel('typing', ch)],
  },
  draft: {
    run: (ctx, { ch, root }) => ({ text: ctx.view.get('draft', [ctx.me, ch, root ?? ''].join('\n'))?.text ?? '' }),
    deps: ({ ch }) => [inChannel('draft', ch)],
  },
  pins: { run: (ctx, { ch }) => pins(ctx, ch), deps: ({ ch }) => inConversation(ch) },
  saved: { run: (ctx) => saved(ctx), deps: () => ['saved', 'message', 'user', 'outbox'] },
  unreads: {
    run: (ctx) => unreads(ctx),
    deps: () => ['message', 'joined', 'channel', 'read', 'chan_pref', 'user', 'emoji', 'saved', 'outbox'],
  },
  threads: {
    run: (ctx, { limit }) => threads(ctx, Math.min(limit, MOST_LISTED)),
    deps: () => ['message', 'follow', 'thread_read', 'user', 'emoji', 'saved', 'outbox'],
  },
  activity: {
    run: (ctx, { limit }) => activity(ctx, Math.min(limit, MOST_LISTED)),
    deps: () => ['message', 'read', 'thread_read', 'user', 'emoji', 'saved', 'outbox'],
  },
  later: { run: (ctx) => later(ctx), deps: () => ['saved', 'message', 'user', 'emoji', 'outbox'] },
  drafts: { run: (ctx) => drafts(ctx), deps: () => ['draft', 'channel', 'user'] },
  notifications: {
    run: (ctx) => ({ latest: ctx.around.notifications?.() ?? [] }),
    deps: () => ['notifications'],
  },
  whyNotified: {
    run: (ctx, { msg }) => whyNotified(ctx, msg),
    deps: () => ['message', 'chan_pref', 'pref', 'follow', 'read', 'thread_read'],
  },
  notifySettings: { run: (ctx) => notifySettings(ctx), deps: () => ['pref'] },
  prefs: {
    run: (ctx) =>
      Object.fromEntries(
        ctx
          .rows('pref', 'user = ? AND value IS NOT NULL', [ctx.me], (row) => row.value !== null)
          .map(({ key, value }) => [key, value ?? '']),
      ),
    deps: () => ['pref'],
  },
  history: { run: (ctx, { msg }) => history(ctx, msg), deps: () => ['message'] },
  search: {
    run: (ctx, { text, limit, ch }) => search(ctx, text, Math.min(limit, 500), ch),
    deps: ({ ch }) => (ch === undefined ? ['message', 'sync'] : [inChannel('message', ch), 'sync']),
  },
  ledger: { run: (ctx) => ledger(ctx), deps: () => ['outbox', 'channel', 'user'] },
  settings: { run: (ctx) => settings(ctx), deps: () => ['workspace', 'user'] },
};
