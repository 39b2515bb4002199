import {
  type ChannelId,
  type Intent,
  MAX_DRAFT,
  MAX_PREFERENCE,
  type MessageId,
  parseStream,
  type Reject,
  reject,
  textProblem,
} from '../../model/mod.ts';
import { canSee } from '../can-see.ts';
import type { StateView } from '../view.ts';
import { accept, type DecideContext, type Decision, factOf } from './context.ts';

type PersonalKind = 'read.set' | 'read.thread' | 'draft.set' | 'saved.set' | 'thread.follow' | 'pref.set' | 'chan.pref';
export type PersonalIntent = { [K in PersonalKind]: Intent<K> }[PersonalKind];

const unseen = { code: 'not_member', detail: 'You are not in this conversation, or it does not exist.' } as const;

/** A message the actor may refer to in their own records. */
function messageProblem(view: StateView, ch: ChannelId, msg: MessageId): Reject | null {
  return view.get('message', msg)?.ch === ch
    ? null
    : { code: 'unknown_ref', detail: 'The message is not in this conversation.' };
}

function personalProblem(view: StateView, intent: PersonalIntent, ctx: DecideContext): Reject | null {
  if (intent.k === 'pref.set') {
    const { value } = intent.b;
    if (value === null) return null;
    if (value.length > MAX_PREFERENCE)
      return { code: 'too_large', detail: `A preference has at most ${MAX_PREFERENCE} characters.` };
    try {
      JSON.parse(value);
      return value.isWellFormed() ? null : { code: 'malformed', detail: 'The preference contains half a character.' };
    } catch {
      return { code: 'malformed', detail: 'A preference is JSON.' };
    }
  }
  const { ch } = intent.b;
  const channel = view.get('channel', ch);
  if (!channel || !canSee(view, ctx.actor, ch)) return unseen;
  switch (intent.k) {
    case 'read.set':
      return intent.b.ord <= channel.msgs && intent.b.asof <= channel.msgs
        ? null
        : { code: 'malformed', detail: 'The marker lies beyond the last message.' };
    case 'read.thread':
      return messageProblem(view, ch, intent.b.root);
    case 'draft.set': {
      const problem = textProblem(intent.b.text, MAX_DRAFT);
      return problem ? { code: 'malformed', detail: problem } : null;
    }
    case 'saved.set':
      return messageProblem(view, ch, intent.b.msg);
    case 'thread.follow':
      return messageProblem(view, ch, intent.b.root);
    case 'chan.pref':
      return null;
  }
}

/** Everything a person keeps for themselves goes through here: it is theirs alone, and refers only to what they see. */
export function decidePersonal(view: StateView, intent: PersonalIntent, ctx: DecideContext): Decision {
  const parts = parseStream(intent.s);
  if (parts.class !== 'u' || parts.user !== ctx.actor) return reject('forbidden', 'That belongs to another person.');
  const problem = personalProblem(view, intent, ctx);
  return problem ? { ok: false, reject: problem } : accept(factOf(intent));
}
