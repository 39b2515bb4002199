import { assertNever, type KnownFact } from '../../model/mod.ts';
import type { WritableView } from '../view.ts';
import {
  applyChChange,
  applyChCreate,
  applyDirectory,
  applyDirectoryDrop,
  applyGrant,
  applyMembership,
  applyMemRole,
  applyRevoke,
} from './channels.ts';
import { applyMsgCreate, applyMsgDelete, applyMsgEdit, applyMsgNote, applyPin, applyReact } from './messages.ts';
import {
  applyEmojiAdd,
  applyEmojiRemove,
  applyUserActive,
  applyUserAdd,
  applyUserClaim,
  applyUserRole,
  applyUserSet,
  applyUserStatus,
  applyWsSet,
} from './people.ts';
import {
  applyChanPref,
  applyDraft,
  applyFollow,
  applyPref,
  applyReadSet,
  applyReadThread,
  applySaved,
} from './personal.ts';

/**
 * What a fact does to the tables. The same everywhere: total, never throws, never rejects, no clock, no chance, no I/O.
 * Touches rows of the fact's own stream only, each guarded by its `ver`.
 */
export function apply(view: WritableView, fact: KnownFact): void {
  switch (fact.k) {
    case 'msg.create':
      return applyMsgCreate(view, fact);
    case 'msg.note':
      return applyMsgNote(view, fact);
    case 'msg.edit':
      return applyMsgEdit(view, fact);
    case 'msg.delete':
      return applyMsgDelete(view, fact);
    case 'react.add':
    case 'react.remove':
      return applyReact(view, fact);
    case 'pin.add':
    case 'pin.remove':
      return applyPin(view, fact);
    case 'ch.create':
      return applyChCreate(view, fact);
    case 'ch.rename':
    case 'ch.topic':
    case 'ch.purpose':
    case 'ch.archive':
    case 'ch.unarchive':
    case 'ch.delete':
    case 'ch.convert':
      return applyChChange(view, fact as Parameters<typeof applyChChange>[1]);
    case 'dir.put':
      return applyDirectory(view, fact);
    case 'dir.drop':
      return applyDirectoryDrop(view, fact);
    case 'mem.join':
    case 'mem.leave':
    case 'mem.invite':
    case 'mem.remove':
    case 'mem.add':
      return applyMembership(view, fact);
    case 'mem.role':
      return applyMemRole(view, fact);
    case 'mem.grant':
      return applyGrant(view, fact);
    case 'mem.revoke':
      return applyRevoke(view, fact);
    case 'read.set':
      return applyReadSet(view, fact);
    case 'read.thread':
      return applyReadThread(view, fact);
    case 'draft.set':
      return applyDraft(view, fact);
    case 'saved.set':
      return applySaved(view, fact);
    case 'thread.follow':
      return applyFollow(view, fact);
    case 'pref.set':
      return applyPref(view, fact);
    case 'chan.pref':
      return applyChanPref(view, fact);
    case 'user.add':
      return applyUserAdd(view, fact);
    case 'user.claim':
      return applyUserClaim(view, fact);
    case 'user.set':
      return applyUserSet(view, fact);
    case 'user.status':
      return applyUserStatus(view, fact);
    case 'user.role':
      return applyUserRole(view, fact);
    case 'user.active':
      return applyUserActive(view, fact);
    case 'ws.set':
      return applyWsSet(view, fact);
    case 'emoji.add':
      return applyEmojiAdd(view, fact);
    case 'emoji.remove':
      return applyEmojiRemove(view, fact);
    default:
      return assertNever(fact);
  }
}
