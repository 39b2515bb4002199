import {
  atLeast,
  DEFAULT_SETTINGS,
  type Derived,
  type Intent,
  MAX_EDITS,
  MAX_MENTIONS,
  MAX_REACTION_KINDS,
  MAX_TEXT,
  type MessageId,
  type MessageRow,
  type OpId,
  parseMentions,
  type Reject,
  reject,
  type StreamId,
  textProblem,
  type WorkspaceSettings,
} from '../../model/mod.ts';
import { parseHistory, parseReactions } from '../message-json.ts';
import type { StateView } from '../view.ts';
import {
  accept,
  channelOf,
  type DecideContext,
  type Decision,
  factOf,
  isDirect,
  roleOf,
  type Seat,
  seatAtTable,
} from './context.ts';

export function settingsOf(view: StateView): WorkspaceSettings {
  const row = view.get('workspace', 'workspace');
  return row ? { ...DEFAULT_SETTINGS, ...(JSON.parse(row.settings) as Partial<WorkspaceSettings>) } : DEFAULT_SETTINGS;
}

/** Why this text can't be said here by this person, or null. */
function sayProblem(view: StateView, seat: Seat, text: string): Reject | null {
  const problem = textProblem(text, MAX_TEXT);
  if (problem) return { code: text.length > MAX_TEXT ? 'too_large' : 'malformed', detail: problem };
  const mentions = parseMentions(text);
  if (mentions.users.size > MAX_MENTIONS)
    return { code: 'too_many', detail: `A message mentions at most ${MAX_MENTIONS} people; use @channel instead.` };
  if (mentions.all && seat.person && !isDirect(seat.channel) && !atLeast(seat.person.role, settingsOf(view).mentionAll))
    return { code: 'forbidden', detail: 'Your role may not use @channel and @here in this workspace.' };
  return null;
}

export function decideMsgCreate(view: StateView, intent: Intent<'msg.create'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { seat } = found;
  const { b } = intent;
  const problem = sayProblem(view, seat, b.text);
  if (problem) return { ok: false, reject: problem };
  // Old conversations hold lines without a word; imported, they stay, for what others said and did about them.
  if (ctx.authority === 'person' && b.text.trim() === '' && !b.files?.length)
    return reject('malformed', 'There is nothing in this message.');
  if (ctx.authority === 'person' && (b.bot || b.ts !== undefined))
    return reject('forbidden', 'Only the relay’s own importers may set the sender’s name or timestamp.');
  if (b.also && !b.thread) return reject('malformed', 'Only a reply can also be sent to the channel.');
  const next = seat.channel.msgs + 1;
  if (!b.thread) return accept(factOf(intent, { ord: next }));
  const root = view.get('message', b.thread);
  if (!root || root.ch !== seat.channel.ch) return reject('unknown_ref', 'The message this replies to is not here.');
  if (root.thread || root.kind === 'note') return reject('malformed', 'Replies go to the first message of a thread.');
  if (root.deleted && ctx.authority === 'person')
    return reject('target_gone', 'The message this replies to was deleted.');
  return accept(
    factOf(intent, { ord: b.also ? next : seat.channel.msgs, tord: root.replies + 1, root: root.id as string as OpId }),
  );
}

/** A note of its own accord: only the importer brings those, from what an export says happened. */
export function decideMsgNote(view: StateView, intent: Intent<'msg.note'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  return found.ok ? accept(factOf(intent, { ord: found.seat.channel.msgs })) : found;
}

/** A message that an op may still touch, in a conversation the actor sits in. */
function targetOf(
  view: StateView,
  ctx: DecideContext,
  stream: StreamId,
  id: MessageId,
): { ok: true; seat: Seat; row: MessageRow } | { ok: false; reject: Reject } {
  const found = seatAtTable(view, ctx, channelOf(stream));
  if (!found.ok) return found;
  const row = view.get('message', id);
  // A message of another conversation is answered like one that never was.
  if (!row || row.ch !== found.seat.channel.ch)
    return reject('unknown_ref', 'The message is not in this conversation.');
  if (row.deleted) return reject('target_gone', 'The message was deleted.');
  return { ok: true, seat: found.seat, row };
}

const rootOf = (row: MessageRow): Derived => (row.thread ? { root: row.thread as string as OpId } : {});

export function decideMsgEdit(view: StateView, intent: Intent<'msg.edit'>, ctx: DecideContext): Decision {
  const target = targetOf(view, ctx, intent.s, intent.b.msg);
  if (!target.ok) return target;
  const { row, seat } = target;
  if (ctx.authority === 'person' && (row.author !== ctx.actor || row.kind === 'note' || row.kind === 'bot'))
    return reject('forbidden', 'Only its author may edit a message.');
  const problem = sayProblem(view, seat, intent.b.text);
  if (problem) return { ok: false, reject: problem };
  if (intent.b.text.trim() === '' && row.files === '[]')
    return reject('malformed', 'Nothing would be left of this message; delete it instead.');
  const { editWindowMs } = settingsOf(view);
  if (ctx.authority === 'person' && editWindowMs !== null && ctx.now - row.at > editWindowMs)
    return reject('edit_window', 'The time in which messages may be edited here has passed.');
  if (row.history !== '[]' && parseHistory(row).length >= MAX_EDITS)
    return reject('too_many', `A message can be edited ${MAX_EDITS} times.`);
  const stale = intent.base !== undefined && intent.base !== row.text_ver;
  return accept(factOf(intent, { ...rootOf(row), ...(stale ? { conflict: true as const } : {}) }));
}

export function decideMsgDelete(view: StateView, intent: Intent<'msg.delete'>, ctx: DecideContext): Decision {
  const target = targetOf(view, ctx, intent.s, intent.b.msg);
  if (!target.ok) return target;
  const { row, seat } = target;
  const moderates =
    !isDirect(seat.channel) && (seat.member?.role === 'admin' || atLeast(roleOf(view, ctx) ?? 'guest', 'admin'));
  if (row.kind === 'note' ? !moderates : row.author !== ctx.actor && !moderates)
    return reject('forbidden', 'Only its author or an admin may delete a message.');
  return accept(factOf(intent, rootOf(row)));
}

/** One whole emoji, as Unicode recommends it for interchange, or one with skin tones and joins. */
const UNICODE_EMOJI = /^\p{RGI_Emoji}$/v;
/** Emoji found to be whole: the expression walks all of Unicode's sequences each time, and people use the same few. */
const known = new Set<string>();
/** More than there are. */
const MAX_KNOWN = 10_000;

function isUnicodeEmoji(emoji: string): boolean {
  if (known.has(emoji)) return true;
  if (!UNICODE_EMOJI.test(emoji)) return false;
  if (known.size < MAX_KNOWN) known.add(emoji);
  return true;
}

function emojiProblem(view: StateView, emoji: string): string | null {
  if (isUnicodeEmoji(emoji)) return null;
  if (emoji.startsWith(':') && emoji.endsWith(':')) {
    const custom = view.get('emoji', emoji.slice(1, -1));
    return custom && !custom.gone ? null : `This workspace has no emoji ${emoji}.`;
  }
  return 'That is not an emoji.';
}

export function decideReact(
  view: StateView,
  intent: Intent<'react.add' | 'react.remove'>,
  ctx: DecideContext,
): Decision {
  const { msg, emoji } = intent.b;
  const target = targetOf(view, ctx, intent.s, msg);
  if (!target.ok) return target;
  if (intent.k === 'react.add') {
    const problem = emojiProblem(view, emoji);
    if (problem) return reject('malformed', problem);
    const reactions = parseReactions(target.row);
    if (reactions.length >= MAX_REACTION_KINDS && !reactions.some(([e]) => e === emoji))
      return reject('too_many', `A message carries at most ${MAX_REACTION_KINDS} different emoji.`);
  }
  return accept(factOf(intent, rootOf(target.row)));
}

export function decidePin(view: StateView, intent: Intent<'pin.add' | 'pin.remove'>, ctx: DecideContext): Decision {
  const target = targetOf(view, ctx, intent.s, intent.b.msg);
  return target.ok ? accept(factOf(intent, rootOf(target.row))) : target;
}
