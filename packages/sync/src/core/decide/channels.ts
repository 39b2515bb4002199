import {
  atLeast,
  type Body,
  CHANNEL_MATRIX,
  type ChannelId,
  type ChannelOperation,
  type ChannelRow,
  channelNameProblem,
  conversationStream,
  DIRECTORY_STREAM,
  directChannelId,
  type Intent,
  labelProblem,
  MAX_CHANNEL_NAME,
  MAX_DIRECT_MEMBERS,
  MAX_TOPIC,
  membershipStream,
  type NoteKind,
  personalStream,
  type Reject,
  reject,
} from '../../model/mod.ts';
import { activeUser, canSee } from '../can-see.ts';
import type { StateView } from '../view.ts';
import {
  accept,
  channelOf,
  type DecideContext,
  type Decision,
  effectOf,
  type FactDraft,
  factOf,
  grantOf,
  isDirect,
  revokeOf,
  roleOf,
  type Seat,
  seatAtTable,
  seatIn,
} from './context.ts';

/** A channel name is taken if the actor could see the channel that has it; a private channel's name gives nothing away. */
function nameProblem(view: StateView, ctx: DecideContext, name: string, self: ChannelId): Reject | null {
  const bad = channelNameProblem(name, MAX_CHANNEL_NAME);
  if (bad) return { code: 'bad_name', detail: bad };
  for (const row of view.find('channel', 'by_name', [name])) {
    if (row.ch === self || row.deleted || isDirect(row)) continue;
    if (row.kind === 'public' || canSee(view, ctx.actor, row.ch))
      return { code: 'name_taken', detail: `There is a channel #${name} already.` };
  }
  return null;
}

const lineProblem = (what: string, text: string | undefined): Reject | null => {
  const problem = text === undefined ? null : labelProblem(what, text, MAX_TOPIC);
  return problem ? { code: 'malformed', detail: problem } : null;
};

/** Whether the brief's matrix lets the actor do this to channels. */
export function mayOperate(view: StateView, ctx: DecideContext, operation: ChannelOperation): boolean {
  const role = roleOf(view, ctx);
  return role !== null && CHANNEL_MATRIX[role].has(operation);
}

/** Channel admins, the channel's creator among them, and workspace admins. */
export function administers(view: StateView, ctx: DecideContext, seat: Seat): boolean {
  return seat.member?.role === 'admin' || atLeast(roleOf(view, ctx) ?? 'guest', 'admin');
}

/** The directory entry of a public channel as it stands after the op. */
function directoryOf(
  intent: Intent,
  ctx: DecideContext,
  row: Pick<ChannelRow, 'ch' | 'name' | 'topic' | 'purpose' | 'archived'>,
): FactDraft {
  return effectOf(intent, 'directory', DIRECTORY_STREAM, 'dir.put', {
    ch: row.ch,
    name: row.name,
    topic: row.topic,
    purpose: row.purpose,
    archived: row.archived === 1,
    c: ctx.head(conversationStream(row.ch)),
    m: ctx.head(membershipStream(row.ch)),
  });
}

/** A line in the conversation that says what was done to it. */
export function noteOf(
  intent: Intent,
  channel: Pick<ChannelRow, 'ch' | 'msgs'>,
  note: NoteKind,
  about?: string,
): FactDraft {
  const body: Body<'msg.note'> = { note, of: intent.i, ...(about === undefined ? {} : { about }) };
  return effectOf(intent, `note ${note} ${about ?? ''}`, conversationStream(channel.ch), 'msg.note', body, {
    ord: channel.msgs,
  });
}

export function decideChCreate(view: StateView, intent: Intent<'ch.create'>, ctx: DecideContext): Decision {
  return intent.b.kind === 'dm' || intent.b.kind === 'group'
    ? createDirect(view, intent, ctx)
    : createChannel(view, intent, ctx);
}

function createChannel(view: StateView, intent: Intent<'ch.create'>, ctx: DecideContext): Decision {
  const { b } = intent;
  const ch = channelOf(intent.s);
  if (!mayOperate(view, ctx, 'create')) return reject('forbidden', 'Your role may not create channels.');
  if ((ch as string) !== intent.i)
    return reject('malformed', 'A new channel is named by the id of the op that creates it.');
  if (view.get('channel', ch)) return reject('already', 'This channel exists.');
  if (b.members) return reject('malformed', 'People are invited to a channel after it exists.');
  const problem =
    nameProblem(view, ctx, b.name ?? '', ch) ??
    lineProblem('The topic', b.topic) ??
    lineProblem('The purpose', b.purpose);
  if (problem) return { ok: false, reject: problem };
  const fresh = { ch, name: b.name ?? '', topic: b.topic ?? '', purpose: b.purpose ?? '', archived: 0 as const };
  const directory = b.kind === 'public' ? [directoryOf(intent, ctx, fresh)] : [];
  // What the relay creates on its own account begins empty; the importer adds the people it found.
  if (ctx.authority === 'system' || !view.get('user', ctx.actor)) return accept(...directory, factOf(intent));
  return accept(
    ...directory,
    grantOf(intent, ctx, ch, ctx.actor),
    factOf(intent),
    effectOf(intent, 'members', membershipStream(ch), 'mem.add', { users: [ctx.actor], admin: ctx.actor }),
  );
}

function createDirect(view: StateView, intent: Intent<'ch.create'>, ctx: DecideContext): Decision {
  const ch = channelOf(intent.s);
  const members = [...new Set(intent.b.members ?? [])];
  if (ctx.authority === 'person' && !members.includes(ctx.actor))
    return reject('malformed', 'A direct conversation includes the one who opens it.');
  const fits = intent.b.kind === 'dm' ? members.length >= 1 && members.length <= 2 : members.length >= 3;
  if (!fits || members.length > MAX_DIRECT_MEMBERS)
    return reject('malformed', `A direct conversation has one or two people, a group three to ${MAX_DIRECT_MEMBERS}.`);
  if (ch !== directChannelId(ctx.workspace, members))
    return reject('malformed', 'A direct conversation is named by the people in it.');
  if (intent.b.name !== undefined) return reject('malformed', 'Direct conversations have no name.');
  for (const user of members)
    if (ctx.authority === 'person' ? !activeUser(view, user) : !view.get('user', user))
      return reject('unknown_ref', 'One of these people is not in this workspace.');
  // The other side may have opened it first: then this only brings it back to one's own sidebar.
  if (view.get('channel', ch))
    return accept({
      ...factOf(intent),
      s: personalStream(ctx.actor),
      k: 'chan.pref',
      b: { ch, hidden: false },
    } satisfies FactDraft<'chan.pref'>);
  return accept(
    ...members.map((user) => grantOf(intent, ctx, ch, user)),
    factOf(intent),
    effectOf(intent, 'members', membershipStream(ch), 'mem.add', { users: members }),
  );
}

/** What renaming, topic and purpose share: a seat, and the directory and a note afterwards. */
function describe(
  intent: Intent<'ch.rename' | 'ch.topic' | 'ch.purpose'>,
  ctx: DecideContext,
  seat: Seat,
  change: Partial<Pick<ChannelRow, 'name' | 'topic' | 'purpose'>>,
  note: NoteKind,
): Decision {
  const { channel } = seat;
  const value = Object.values(change)[0] ?? '';
  return accept(
    ...(channel.kind === 'public' ? [directoryOf(intent, ctx, { ...channel, ...change })] : []),
    factOf(intent),
    noteOf(intent, channel, note, value),
  );
}

export function decideChRename(view: StateView, intent: Intent<'ch.rename'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  if (isDirect(found.seat.channel)) return reject('forbidden', 'Direct conversations have no name.');
  if (!administers(view, ctx, found.seat)) return reject('forbidden', 'Only an admin of the channel may rename it.');
  const problem = nameProblem(view, ctx, intent.b.name, found.seat.channel.ch);
  return problem
    ? { ok: false, reject: problem }
    : describe(intent, ctx, found.seat, { name: intent.b.name }, 'rename');
}

export function decideChDescribe(
  view: StateView,
  intent: Intent<'ch.topic' | 'ch.purpose'>,
  ctx: DecideContext,
): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  if (found.seat.person?.role === 'guest') return reject('forbidden', 'Guests may not change what a channel is about.');
  if (intent.k === 'ch.topic') {
    const { topic } = intent.b as Body<'ch.topic'>;
    const problem = lineProblem('The topic', topic);
    return problem ? { ok: false, reject: problem } : describe(intent, ctx, found.seat, { topic }, 'topic');
  }
  const { purpose } = intent.b as Body<'ch.purpose'>;
  const problem = lineProblem('The purpose', purpose);
  return problem ? { ok: false, reject: problem } : describe(intent, ctx, found.seat, { purpose }, 'purpose');
}

export function decideChArchive(
  view: StateView,
  intent: Intent<'ch.archive' | 'ch.unarchive'>,
  ctx: DecideContext,
): Decision {
  const found = seatIn(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (isDirect(channel)) return reject('forbidden', 'Direct conversations can’t be archived; hide them instead.');
  if (!mayOperate(view, ctx, 'archive')) return reject('forbidden', 'Only admins and owners may archive channels.');
  const archived = intent.k === 'ch.archive' ? 1 : 0;
  return accept(
    ...(channel.kind === 'public' ? [directoryOf(intent, ctx, { ...channel, archived })] : []),
    factOf(intent),
    noteOf(intent, channel, archived ? 'archive' : 'unarchive'),
  );
}

export function decideChDelete(view: StateView, intent: Intent<'ch.delete'>, ctx: DecideContext): Decision {
  const found = seatIn(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (isDirect(channel)) return reject('forbidden', 'Direct conversations can’t be deleted.');
  if (!mayOperate(view, ctx, 'delete')) return reject('forbidden', 'Only owners may delete channels.');
  const members = view.find('member', 'by_channel', [channel.ch, 1]);
  return accept(
    ...(channel.kind === 'public'
      ? [effectOf(intent, 'directory', DIRECTORY_STREAM, 'dir.drop', { ch: channel.ch })]
      : []),
    factOf(intent),
    ...members.map((member) => revokeOf(intent, channel.ch, member.user)),
  );
}

export function decideChConvert(view: StateView, intent: Intent<'ch.convert'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (channel.kind !== 'public') return reject('forbidden', 'Only a public channel can be made private.');
  if (!administers(view, ctx, found.seat))
    return reject('forbidden', 'Only an admin of the channel may make it private.');
  return accept(
    effectOf(intent, 'directory', DIRECTORY_STREAM, 'dir.drop', { ch: channel.ch }),
    factOf(intent),
    noteOf(intent, channel, 'convert'),
  );
}
