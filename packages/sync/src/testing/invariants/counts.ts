import type { Workspace } from '../../engine/mod.ts';
import { type ChannelId, conversationStream, keyOf, parseMentions, type UserId } from '../../model/mod.ts';
import type { Breach, Tables } from '../picture.ts';

/**
 * I9: the counts a replica shows are those anyone gets by reading every message of the relay's. Of what is not all held,
 * deleted messages and mentions can't be known, and it isn't asked.
 */
export function checkCounts(who: string, workspace: Workspace, relay: Tables): Breach[] {
  const { replica } = workspace;
  const { user, workspace: ws } = replica.identity;
  const sidebar = workspace.ask('sidebar', { ws });
  const counts = sidebar.conversations.flatMap((shown): Breach[] => {
    if (!replica.holdsAll(conversationStream(shown.id))) return [];
    const { unread, mentions } = recount(relay, user, shown.id);
    if (shown.unread === unread && shown.mentions === mentions) return [];
    return [
      {
        invariant: 'I9',
        what: `${who}: ${shown.name} shows ${shown.unread} unread and ${shown.mentions} mentions; by reading there are ${unread} and ${mentions}`,
      },
    ];
  });
  const threads = recountThreads(relay, user, (ch) => replica.confirmed.get('channel', ch) !== undefined);
  const parts = replica.heads().some(([s]) => s.startsWith('c:') && !(replica.holdsAll(s) && replica.follows(s)));
  return parts || sidebar.threadsUnread === threads
    ? counts
    : [
        ...counts,
        {
          invariant: 'I9',
          what: `${who}: ${sidebar.threadsUnread} unread threads are shown; by reading there are ${threads}`,
        },
      ];
}

function recount(relay: Tables, user: UserId, ch: ChannelId): { unread: number; mentions: number } {
  const channel = relay.channel.get(ch);
  const marker = relay.read.get(keyOf(user, ch));
  const posted = relay.posted.get(keyOf(ch, user))?.ord ?? 0;
  const read = marker ? (posted > marker.asof ? Math.max(marker.ord, posted) : marker.ord) : posted;
  let unread = 0;
  let mentions = 0;
  for (const row of relay.message.values()) {
    if (row.ch !== ch || row.deleted || row.kind === 'note' || row.ord <= read) continue;
    if (row.thread === null || row.also) unread += 1;
    const { users, all } = parseMentions(row.text);
    if (users.has(user) || all) mentions += 1;
  }
  return channel?.kind === 'dm' || channel?.kind === 'group' ? { unread, mentions: unread } : { unread, mentions };
}

/** Threads one follows, wrote in or began, with replies after the last that was read or written. */
function recountThreads(relay: Tables, user: UserId, sees: (ch: ChannelId) => boolean): number {
  const roots = new Set<string>();
  for (const row of relay.message.values()) {
    if (row.author !== user || !sees(row.ch)) continue;
    if (row.thread) roots.add(row.thread);
    else if (row.replies > 0) roots.add(row.id);
  }
  for (const row of relay.follow.values()) {
    if (row.user !== user) continue;
    if (row.active) roots.add(row.root);
    else roots.delete(row.root);
  }
  let unread = 0;
  for (const id of roots) {
    const root = relay.message.get(id);
    if (!root || root.replies === 0 || !sees(root.ch)) continue;
    let seen = relay.thread_read.get(keyOf(user, id))?.tord ?? 0;
    for (const row of relay.message.values())
      if (row.thread === id && row.author === user) seen = Math.max(seen, row.tord);
    if (root.replies > seen) unread += 1;
  }
  return unread;
}
