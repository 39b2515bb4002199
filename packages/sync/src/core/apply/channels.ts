import { type Body, type ChannelRow, type Fact, keyOf } from '../../model/mod.ts';
import type { WritableView } from '../view.ts';
import { channelOf, own, patchRow, putRow } from './touch.ts';

export function applyChCreate(view: WritableView, fact: Fact<'ch.create'>): void {
  const { kind, name, topic, purpose } = fact.b;
  putRow(view, 'channel', channelOf(fact), {
    ch: channelOf(fact),
    kind,
    name: name ?? '',
    topic: topic ?? '',
    purpose: purpose ?? '',
    archived: 0,
    deleted: 0,
    creator: fact.a,
    at: fact.at,
    msgs: 0,
    last_at: 0,
    ver: fact.q,
  });
}

type ChannelChange = Fact<
  'ch.rename' | 'ch.topic' | 'ch.purpose' | 'ch.archive' | 'ch.unarchive' | 'ch.delete' | 'ch.convert'
>;

export function applyChChange(view: WritableView, fact: ChannelChange): void {
  patchRow(view, 'channel', channelOf(fact), fact.q, (): Partial<ChannelRow> => {
    switch (fact.k) {
      case 'ch.archive':
        return { archived: 1 };
      case 'ch.unarchive':
        return { archived: 0 };
      case 'ch.delete':
        return { deleted: 1 };
      case 'ch.convert':
        return { kind: 'private' };
      default:
        // Rename, topic and purpose carry exactly the one field they set.
        return fact.b as Body<'ch.rename'> | Body<'ch.topic'> | Body<'ch.purpose'>;
    }
  });
}

export function applyDirectory(view: WritableView, fact: Fact<'dir.put'>): void {
  const { ch, name, topic, purpose, archived } = fact.b;
  putRow(view, 'directory', ch, { ch, name, topic, purpose, archived: archived ? 1 : 0, gone: 0, ver: fact.q });
}

export function applyDirectoryDrop(view: WritableView, fact: Fact<'dir.drop'>): void {
  const { ch } = fact.b;
  putRow(view, 'directory', ch, { ch, name: '', topic: '', purpose: '', archived: 0, gone: 1, ver: fact.q });
}

/** One person enters or leaves; entering keeps a role they still have. */
function setMember(view: WritableView, fact: Fact, user: string, active: boolean, admin: boolean): void {
  const ch = channelOf(fact);
  const held = view.get('member', keyOf(ch, user));
  putRow(view, 'member', keyOf(ch, user), {
    ch,
    user: user as Fact['a'],
    role: admin || (active && held?.active && held.role === 'admin') ? 'admin' : 'member',
    active: active ? 1 : 0,
    from_q: 0,
    at: held?.active && active ? held.at : fact.at,
    ver: fact.q,
  });
}

export function applyMembership(
  view: WritableView,
  fact: Fact<'mem.join'> | Fact<'mem.leave'> | Fact<'mem.invite'> | Fact<'mem.remove'> | Fact<'mem.add'>,
): void {
  switch (fact.k) {
    case 'mem.join':
      return setMember(view, fact, fact.a, true, false);
    case 'mem.leave':
      return setMember(view, fact, fact.a, false, false);
    case 'mem.remove':
      return setMember(view, fact, fact.b.user, false, false);
    case 'mem.invite':
      for (const user of fact.b.users) setMember(view, fact, user, true, false);
      return;
    case 'mem.add':
      for (const user of fact.b.users) setMember(view, fact, user, true, user === fact.b.admin);
  }
}

export function applyMemRole(view: WritableView, fact: Fact<'mem.role'>): void {
  patchRow(view, 'member', keyOf(channelOf(fact), fact.b.user), fact.q, () => ({ role: fact.b.role }));
}

export function applyGrant(view: WritableView, fact: Fact<'mem.grant'>): void {
  const { ch, ord } = fact.b;
  const user = fact.s.slice(2) as Fact['a'];
  putRow(view, 'joined', own(fact, ch), { user, ch, active: 1, at: fact.at, ver: fact.q });
  // What was said before one came is not unread. Written whole, so a replica that lacks the row agrees with one that has it.
  putRow(view, 'read', own(fact, ch), { user, ch, ord, asof: ord, ver: fact.q });
}

export function applyRevoke(view: WritableView, fact: Fact<'mem.revoke'>): void {
  const { ch } = fact.b;
  putRow(view, 'joined', own(fact, ch), {
    user: fact.s.slice(2) as Fact['a'],
    ch,
    active: 0,
    at: fact.at,
    ver: fact.q,
  });
}
