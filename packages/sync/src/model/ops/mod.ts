import type { Static, TSchema } from 'typebox';
import type { StreamClass } from '../streams.ts';
import { ChConvert, ChCreate, ChPurpose, ChRename, ChTopic, Empty } from './channel-ops.ts';
import { MemAdd, MemGrant, MemInvite, MemRevoke, MemRole, MemTarget } from './membership-ops.ts';
import { MsgCreate, MsgEdit, MsgNote, MsgTarget, React } from './message-ops.ts';
import { UserActive, UserAdd, UserClaim, UserRole, UserSet, UserStatus } from './people-ops.ts';
import { ChanPref, DraftSet, PrefSet, ReadSet, ReadThread, SavedSet, ThreadFollow } from './personal-ops.ts';
import { DirDrop, DirPut, EmojiAdd, EmojiRemove, WsSet } from './workspace-ops.ts';

/**
 * Every op kind: the class of stream it lives in, the schema of its body, and who may originate it. `person` ops come
 * from devices; `relay` ops are derived or provisioned and are refused when a device sends them.
 */
export const OPS = {
  'ws.set': { stream: 'w', from: 'person', body: WsSet },
  'emoji.add': { stream: 'w', from: 'person', body: EmojiAdd },
  'emoji.remove': { stream: 'w', from: 'person', body: EmojiRemove },

  'user.add': { stream: 'd', from: 'relay', body: UserAdd },
  'user.claim': { stream: 'd', from: 'relay', body: UserClaim },
  'user.set': { stream: 'd', from: 'person', body: UserSet },
  'user.status': { stream: 'd', from: 'person', body: UserStatus },
  'user.role': { stream: 'd', from: 'person', body: UserRole },
  'user.active': { stream: 'd', from: 'person', body: UserActive },

  'dir.put': { stream: 'dir', from: 'relay', body: DirPut },
  'dir.drop': { stream: 'dir', from: 'relay', body: DirDrop },

  'ch.create': { stream: 'c', from: 'person', body: ChCreate },
  'ch.rename': { stream: 'c', from: 'person', body: ChRename },
  'ch.topic': { stream: 'c', from: 'person', body: ChTopic },
  'ch.purpose': { stream: 'c', from: 'person', body: ChPurpose },
  'ch.archive': { stream: 'c', from: 'person', body: Empty },
  'ch.unarchive': { stream: 'c', from: 'person', body: Empty },
  'ch.delete': { stream: 'c', from: 'person', body: Empty },
  'ch.convert': { stream: 'c', from: 'person', body: ChConvert },

  'msg.create': { stream: 'c', from: 'person', body: MsgCreate },
  'msg.edit': { stream: 'c', from: 'person', body: MsgEdit },
  'msg.delete': { stream: 'c', from: 'person', body: MsgTarget },
  'msg.note': { stream: 'c', from: 'relay', body: MsgNote },
  'react.add': { stream: 'c', from: 'person', body: React },
  'react.remove': { stream: 'c', from: 'person', body: React },
  'pin.add': { stream: 'c', from: 'person', body: MsgTarget },
  'pin.remove': { stream: 'c', from: 'person', body: MsgTarget },

  'mem.join': { stream: 'm', from: 'person', body: Empty },
  'mem.leave': { stream: 'm', from: 'person', body: Empty },
  'mem.invite': { stream: 'm', from: 'person', body: MemInvite },
  'mem.remove': { stream: 'm', from: 'person', body: MemTarget },
  'mem.role': { stream: 'm', from: 'person', body: MemRole },
  'mem.add': { stream: 'm', from: 'relay', body: MemAdd },

  'mem.grant': { stream: 'u', from: 'relay', body: MemGrant },
  'mem.revoke': { stream: 'u', from: 'relay', body: MemRevoke },
  'read.set': { stream: 'u', from: 'person', body: ReadSet },
  'read.thread': { stream: 'u', from: 'person', body: ReadThread },
  'draft.set': { stream: 'u', from: 'person', body: DraftSet },
  'saved.set': { stream: 'u', from: 'person', body: SavedSet },
  'thread.follow': { stream: 'u', from: 'person', body: ThreadFollow },
  'pref.set': { stream: 'u', from: 'person', body: PrefSet },
  'chan.pref': { stream: 'u', from: 'person', body: ChanPref },
} as const satisfies Record<string, { stream: StreamClass; from: 'person' | 'relay'; body: TSchema }>;

export type OpKind = keyof typeof OPS;
export type Body<K extends OpKind> = Static<(typeof OPS)[K]['body']>;

export const isOpKind = (kind: string): kind is OpKind => Object.hasOwn(OPS, kind);

/** Version of op bodies this build writes. A replica keeps what it can't read yet and asks again after an upgrade. */
export const OP_VERSION = 1;
