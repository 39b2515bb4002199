import { assertNever, type KnownIntent, OPS, parseStream, reject } from '../../model/mod.ts';
import { activeUser } from '../can-see.ts';
import type { StateView } from '../view.ts';
import {
  decideChArchive,
  decideChConvert,
  decideChCreate,
  decideChDelete,
  decideChDescribe,
  decideChRename,
} from './channels.ts';
import type { DecideContext, Decision } from './context.ts';
import { decideMemInvite, decideMemJoin, decideMemLeave, decideMemRemove, decideMemRole } from './membership.ts';
import { decideMsgCreate, decideMsgDelete, decideMsgEdit, decideMsgNote, decidePin, decideReact } from './messages.ts';
import {
  decideUserActive,
  decideUserAdd,
  decideUserClaim,
  decideUserRole,
  decideUserSet,
  decideUserStatus,
} from './people.ts';
import { decidePersonal } from './personal.ts';
import { decideEmojiAdd, decideEmojiRemove, decideWsSet } from './workspace.ts';

export type { DecideContext, Decision, FactDraft } from './context.ts';

/**
 * What an op does to the workspace: the facts it becomes, in the order they are to be numbered, or why it can't be.
 * Runs on the relay when the op is ordered and on a client as a preview. No clock, no chance, no I/O.
 */
export function decide(view: StateView, intent: KnownIntent, ctx: DecideContext): Decision {
  if (OPS[intent.k].stream !== parseStream(intent.s).class)
    return reject('malformed', `An op of kind ${intent.k} does not belong to stream ${intent.s}.`);
  if (OPS[intent.k].from === 'relay' && ctx.authority === 'person')
    return reject('forbidden', `Only the relay writes ${intent.k}.`);
  if (ctx.authority === 'person' && !activeUser(view, ctx.actor))
    return reject('forbidden', 'Your account is not active in this workspace.');
  switch (intent.k) {
    case 'msg.create':
      return decideMsgCreate(view, intent, ctx);
    case 'msg.edit':
      return decideMsgEdit(view, intent, ctx);
    case 'msg.delete':
      return decideMsgDelete(view, intent, ctx);
    case 'react.add':
    case 'react.remove':
      return decideReact(view, intent, ctx);
    case 'pin.add':
    case 'pin.remove':
      return decidePin(view, intent, ctx);
    case 'ch.create':
      return decideChCreate(view, intent, ctx);
    case 'ch.rename':
      return decideChRename(view, intent, ctx);
    case 'ch.topic':
    case 'ch.purpose':
      return decideChDescribe(view, intent, ctx);
    case 'ch.archive':
    case 'ch.unarchive':
      return decideChArchive(view, intent, ctx);
    case 'ch.delete':
      return decideChDelete(view, intent, ctx);
    case 'ch.convert':
      return decideChConvert(view, intent, ctx);
    case 'mem.join':
      return decideMemJoin(view, intent, ctx);
    case 'mem.leave':
      return decideMemLeave(view, intent, ctx);
    case 'mem.invite':
      return decideMemInvite(view, intent, ctx);
    case 'mem.remove':
      return decideMemRemove(view, intent, ctx);
    case 'mem.role':
      return decideMemRole(view, intent, ctx);
    case 'read.set':
    case 'read.thread':
    case 'draft.set':
    case 'saved.set':
    case 'thread.follow':
    case 'pref.set':
    case 'chan.pref':
      return decidePersonal(view, intent, ctx);
    case 'user.add':
      return decideUserAdd(view, intent, ctx);
    case 'user.claim':
      return decideUserClaim(view, intent);
    case 'user.set':
      return decideUserSet(view, intent, ctx);
    case 'user.status':
      return decideUserStatus(view, intent);
    case 'user.role':
      return decideUserRole(view, intent, ctx);
    case 'user.active':
      return decideUserActive(view, intent, ctx);
    case 'ws.set':
      return decideWsSet(view, intent, ctx);
    case 'emoji.add':
      return decideEmojiAdd(view, intent, ctx);
    case 'emoji.remove':
      return decideEmojiRemove(view, intent, ctx);
    // The importer brings the notes an export holds.
    case 'msg.note':
      return decideMsgNote(view, intent, ctx);
    case 'mem.add':
    case 'mem.grant':
    case 'mem.revoke':
    case 'dir.put':
    case 'dir.drop':
      return reject('forbidden', `${intent.k} is an effect and has no life of its own.`);
    default:
      return assertNever(intent);
  }
}
