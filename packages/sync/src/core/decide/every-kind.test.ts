import { describe, expect, it } from 'vitest';
import {
  type ChannelId,
  conversationStream,
  DIRECTORY_STREAM,
  derivedId,
  directChannelId,
  type Intent,
  keyOf,
  type MessageId,
  membershipStream,
  OPS,
  type OpId,
  type OpKind,
  PEOPLE_STREAM,
  personalStream,
  type RejectCode,
  WORKSPACE_STREAM,
} from '../../model/mod.ts';
import { LEDGER_WORKSPACE, Office } from '../../testing/mod.ts';

/** An office with a message of the member's in the open channel, and a reply to it. */
class Scene extends Office {
  readonly root: MessageId;
  readonly reply: MessageId;
  readonly c = conversationStream(this.open);
  readonly m = membershipStream(this.open);
  readonly u = personalStream(this.member);
  constructor() {
    super();
    this.root = this.say(this.member, this.open, 'hello');
    this.reply = this.say(this.owner, this.open, 'hi', this.root);
  }
  channelRow(ch: ChannelId = this.open) {
    return this.view.get('channel', ch);
  }
  seat(user = this.member, ch: ChannelId = this.open) {
    return this.view.get('member', keyOf(ch, user));
  }
  person(user = this.member) {
    return this.view.get('user', user);
  }
}

const IMAGE = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==';
const NOBODY = '01800000-0000-7000-8000-0000000000ff' as Office['owner'];

interface Case {
  /** What the person does; the member unless `by` says otherwise. */
  readonly does: (s: Scene) => Intent;
  readonly by?: 'owner' | 'admin' | 'guest' | 'system';
  /** What is so afterwards. */
  readonly shows: (s: Scene) => unknown;
  readonly is: unknown;
  /** The same by somebody, or about something, it is refused for. */
  readonly not?: {
    readonly by?: 'owner' | 'admin' | 'guest';
    readonly does?: (s: Scene) => Intent;
    readonly code: RejectCode;
  };
}

const CASES: { readonly [K in OpKind]: Case } = {
  'ws.set': {
    by: 'admin',
    does: (s) => s.intent(WORKSPACE_STREAM, 'ws.set', { name: 'New' }),
    shows: (s) => s.view.get('workspace', 'workspace')?.name,
    is: 'New',
    not: { by: 'guest', code: 'forbidden' },
  },
  'emoji.add': {
    does: (s) => s.intent(WORKSPACE_STREAM, 'emoji.add', { name: 'party', image: IMAGE }),
    shows: (s) => s.view.get('emoji', 'party')?.gone,
    is: 0,
    not: {
      does: (s) => s.intent(WORKSPACE_STREAM, 'emoji.add', { name: 'party', image: IMAGE.replace('png', 'gif') }),
      code: 'malformed',
    },
  },
  'emoji.remove': {
    does: (s) => {
      s.make(s.member, WORKSPACE_STREAM, 'emoji.add', { name: 'party', image: IMAGE });
      return s.intent(WORKSPACE_STREAM, 'emoji.remove', { name: 'party' });
    },
    shows: (s) => s.view.get('emoji', 'party')?.gone,
    is: 1,
    not: { does: (s) => s.intent(WORKSPACE_STREAM, 'emoji.remove', { name: 'none' }), code: 'target_gone' },
  },
  'user.add': {
    by: 'system',
    does: (s) =>
      s.intent(PEOPLE_STREAM, 'user.add', {
        user: NOBODY,
        name: 'Eve',
        handle: 'eve',
        email: null,
        role: 'member',
        claimed: false,
      }),
    shows: (s) => s.person(NOBODY)?.handle,
    is: 'eve',
    not: { code: 'forbidden' },
  },
  'user.claim': {
    by: 'system',
    does: (s) => {
      s.make(
        s.owner,
        PEOPLE_STREAM,
        'user.add',
        { user: NOBODY, name: 'Eve', handle: 'eve', email: null, role: 'member', claimed: false },
        { authority: 'system' },
      );
      return s.intent(PEOPLE_STREAM, 'user.claim', {
        user: NOBODY,
        name: 'Eve',
        email: 'eve@example.org',
        role: 'admin',
      });
    },
    shows: (s) => s.person(NOBODY)?.claimed,
    is: 1,
    not: { code: 'forbidden' },
  },
  'user.set': {
    does: (s) => s.intent(PEOPLE_STREAM, 'user.set', { user: s.member, title: 'Baker' }),
    shows: (s) => s.person()?.title,
    is: 'Baker',
    not: { by: 'guest', code: 'forbidden' },
  },
  'user.status': {
    does: (s) => s.intent(PEOPLE_STREAM, 'user.status', { emoji: '🌴', text: 'away', until: 0 }),
    shows: (s) => s.person()?.status_text,
    is: 'away',
    not: {
      does: (s) => s.intent(PEOPLE_STREAM, 'user.status', { emoji: '', text: 'a\u202eb', until: 0 }),
      code: 'malformed',
    },
  },
  'user.role': {
    by: 'owner',
    does: (s) => s.intent(PEOPLE_STREAM, 'user.role', { user: s.member, role: 'admin' }),
    shows: (s) => s.person()?.role,
    is: 'admin',
    not: {
      by: 'owner',
      does: (s) => s.intent(PEOPLE_STREAM, 'user.role', { user: s.owner, role: 'member' }),
      code: 'last_owner',
    },
  },
  'user.active': {
    by: 'admin',
    does: (s) => s.intent(PEOPLE_STREAM, 'user.active', { user: s.member, active: false }),
    shows: (s) => s.person()?.active,
    is: 0,
    not: { by: 'guest', code: 'forbidden' },
  },
  'dir.put': {
    does: (s) => s.intent(s.c, 'ch.topic', { topic: 'bread' }),
    shows: (s) => s.view.get('directory', s.open)?.topic,
    is: 'bread',
    not: {
      does: (s) =>
        s.intent(DIRECTORY_STREAM, 'dir.put', {
          ch: s.open,
          name: 'x',
          topic: '',
          purpose: '',
          archived: false,
          c: 0,
          m: 0,
        }),
      code: 'forbidden',
    },
  },
  'dir.drop': {
    by: 'owner',
    does: (s) => s.intent(s.c, 'ch.convert', { to: 'private' }),
    shows: (s) => s.view.get('directory', s.open)?.gone,
    is: 1,
    not: { does: (s) => s.intent(DIRECTORY_STREAM, 'dir.drop', { ch: s.open }), code: 'forbidden' },
  },
  'ch.create': {
    does: (s) => {
      const members = [s.member, s.guest];
      return s.intent(conversationStream(directChannelId(LEDGER_WORKSPACE, members)), 'ch.create', {
        kind: 'dm',
        members,
      });
    },
    shows: (s) => s.channelRow(directChannelId(LEDGER_WORKSPACE, [s.guest, s.member]))?.kind,
    is: 'dm',
    not: { by: 'owner', code: 'malformed' },
  },
  'ch.rename': {
    by: 'owner',
    does: (s) => s.intent(s.c, 'ch.rename', { name: 'bakery' }),
    shows: (s) => s.channelRow()?.name,
    is: 'bakery',
    not: { does: (s) => s.intent(s.c, 'ch.rename', { name: 'Not Allowed' }), by: 'owner', code: 'bad_name' },
  },
  'ch.topic': {
    does: (s) => s.intent(s.c, 'ch.topic', { topic: 'bread' }),
    shows: (s) => s.channelRow()?.topic,
    is: 'bread',
    not: { by: 'guest', code: 'not_member' },
  },
  'ch.purpose': {
    does: (s) => s.intent(s.c, 'ch.purpose', { purpose: 'rolls' }),
    shows: (s) => s.channelRow()?.purpose,
    is: 'rolls',
    not: { by: 'guest', code: 'not_member' },
  },
  'ch.archive': {
    by: 'admin',
    does: (s) => s.intent(s.c, 'ch.archive', {}),
    shows: (s) => s.channelRow()?.archived,
    is: 1,
    not: { code: 'forbidden' },
  },
  'ch.unarchive': {
    by: 'admin',
    does: (s) => {
      s.make(s.owner, s.c, 'ch.archive', {});
      return s.intent(s.c, 'ch.unarchive', {});
    },
    shows: (s) => s.channelRow()?.archived,
    is: 0,
    not: { code: 'forbidden' },
  },
  'ch.delete': {
    by: 'owner',
    does: (s) => s.intent(s.c, 'ch.delete', {}),
    shows: (s) => s.channelRow()?.deleted,
    is: 1,
    not: { by: 'admin', code: 'forbidden' },
  },
  'ch.convert': {
    by: 'owner',
    does: (s) => s.intent(s.c, 'ch.convert', { to: 'private' }),
    shows: (s) => s.channelRow()?.kind,
    is: 'private',
    not: { code: 'forbidden' },
  },
  'msg.create': {
    does: (s) => s.intent(s.c, 'msg.create', { text: 'more', thread: s.root }),
    shows: (s) => [s.messageRow(s.root).replies, s.channelRow()?.msgs],
    is: [2, 1],
    not: { by: 'guest', code: 'not_member' },
  },
  'msg.edit': {
    does: (s) => s.intent(s.c, 'msg.edit', { msg: s.root, text: 'better' }),
    shows: (s) => [s.messageRow(s.root).text, JSON.parse(s.messageRow(s.root).history)[0].text],
    is: ['better', 'hello'],
    not: { by: 'owner', code: 'forbidden' },
  },
  'msg.delete': {
    does: (s) => s.intent(s.c, 'msg.delete', { msg: s.root }),
    shows: (s) => [s.messageRow(s.root).text, s.messageRow(s.root).deleted],
    is: ['', 1],
    not: { does: (s) => s.intent(s.c, 'msg.delete', { msg: s.reply }), code: 'forbidden' },
  },
  'msg.note': {
    does: (s) => s.intent(s.c, 'ch.topic', { topic: 'bread' }),
    shows: (s) => [s.messageRow(noteId(s)).kind, s.channelRow()?.msgs],
    is: ['note', 1],
    not: { does: (s) => s.intent(s.c, 'msg.note', { note: 'topic', of: s.root as string as OpId }), code: 'forbidden' },
  },
  'react.add': {
    does: (s) => s.intent(s.c, 'react.add', { msg: s.root, emoji: '👍' }),
    shows: (s) => s.messageRow(s.root).reactions,
    is: '[["👍",["01800000-0000-7000-8000-0000000000a3"]]]',
    not: { does: (s) => s.intent(s.c, 'react.add', { msg: s.root, emoji: ':none:' }), code: 'malformed' },
  },
  'react.remove': {
    does: (s) => {
      s.make(s.member, s.c, 'react.add', { msg: s.root, emoji: '👍' });
      return s.intent(s.c, 'react.remove', { msg: s.root, emoji: '👍' });
    },
    shows: (s) => s.messageRow(s.root).reactions,
    is: '[]',
    not: { by: 'guest', code: 'not_member' },
  },
  'pin.add': {
    does: (s) => s.intent(s.c, 'pin.add', { msg: s.root }),
    shows: (s) => s.messageRow(s.root).pinned_by !== null,
    is: true,
    not: { by: 'guest', code: 'not_member' },
  },
  'pin.remove': {
    does: (s) => {
      s.make(s.owner, s.c, 'pin.add', { msg: s.root });
      return s.intent(s.c, 'pin.remove', { msg: s.root });
    },
    shows: (s) => s.messageRow(s.root).pinned_by,
    is: null,
    not: { does: (s) => s.intent(s.c, 'pin.remove', { msg: NOBODY as string as MessageId }), code: 'unknown_ref' },
  },
  'mem.join': {
    does: (s) => {
      s.make(s.member, s.m, 'mem.leave', {});
      return s.intent(s.m, 'mem.join', {});
    },
    shows: (s) => s.seat()?.active,
    is: 1,
    not: { does: (s) => s.intent(membershipStream(s.closed), 'mem.join', {}), by: 'admin', code: 'not_member' },
  },
  'mem.leave': {
    does: (s) => s.intent(s.m, 'mem.leave', {}),
    shows: (s) => s.seat()?.active,
    is: 0,
    not: { by: 'guest', code: 'not_member' },
  },
  'mem.invite': {
    does: (s) => s.intent(s.m, 'mem.invite', { users: [s.guest] }),
    shows: (s) => s.seat(s.guest)?.active,
    is: 1,
    not: { does: (s) => s.intent(s.m, 'mem.invite', { users: [NOBODY] }), code: 'unknown_ref' },
  },
  'mem.remove': {
    by: 'owner',
    does: (s) => s.intent(s.m, 'mem.remove', { user: s.member }),
    shows: (s) => s.seat()?.active,
    is: 0,
    not: { code: 'forbidden' },
  },
  'mem.role': {
    by: 'owner',
    does: (s) => s.intent(s.m, 'mem.role', { user: s.member, role: 'admin' }),
    shows: (s) => s.seat()?.role,
    is: 'admin',
    not: { code: 'forbidden' },
  },
  'mem.add': {
    does: (s) => {
      const i = s.newId();
      return s.intent(
        conversationStream(i as string as ChannelId),
        'ch.create',
        { kind: 'private', name: 'mine' },
        { i },
      );
    },
    shows: (s) => s.view.find('member', 'by_user', [s.member, 1]).at(-1)?.role,
    is: 'admin',
    not: { does: (s) => s.intent(s.m, 'mem.add', { users: [s.guest] }), code: 'forbidden' },
  },
  'mem.grant': {
    does: (s) => s.intent(s.m, 'mem.invite', { users: [s.guest] }),
    shows: (s) => [
      s.view.get('joined', keyOf(s.guest, s.open))?.active,
      s.view.get('read', keyOf(s.guest, s.open))?.ord,
    ],
    is: [1, 1],
    not: { does: (s) => s.intent(s.u, 'mem.grant', { ch: s.open, c: 0, m: 0, ord: 0 }), code: 'forbidden' },
  },
  'mem.revoke': {
    by: 'owner',
    does: (s) => s.intent(s.m, 'mem.remove', { user: s.member }),
    shows: (s) => s.view.get('joined', keyOf(s.member, s.open))?.active,
    is: 0,
    not: { does: (s) => s.intent(s.u, 'mem.revoke', { ch: s.open }), code: 'forbidden' },
  },
  'read.set': {
    does: (s) => s.intent(s.u, 'read.set', { ch: s.open, ord: 1, asof: 1 }),
    shows: (s) => s.view.get('read', keyOf(s.member, s.open))?.ord,
    is: 1,
    not: { does: (s) => s.intent(s.u, 'read.set', { ch: s.open, ord: 9, asof: 9 }), code: 'malformed' },
  },
  'read.thread': {
    does: (s) => s.intent(s.u, 'read.thread', { ch: s.open, root: s.root, tord: 1 }),
    shows: (s) => s.view.get('thread_read', keyOf(s.member, s.root))?.tord,
    is: 1,
    not: { by: 'owner', code: 'forbidden' },
  },
  'draft.set': {
    does: (s) => s.intent(s.u, 'draft.set', { ch: s.open, text: 'hm' }),
    shows: (s) => s.view.get('draft', keyOf(s.member, s.open, ''))?.text,
    is: 'hm',
    not: { by: 'owner', code: 'forbidden' },
  },
  'saved.set': {
    does: (s) => s.intent(s.u, 'saved.set', { ch: s.open, msg: s.root, on: true }),
    shows: (s) => s.view.get('saved', keyOf(s.member, s.root))?.active,
    is: 1,
    not: { does: (s) => s.intent(s.u, 'saved.set', { ch: s.closed, msg: s.root, on: true }), code: 'unknown_ref' },
  },
  'thread.follow': {
    does: (s) => s.intent(s.u, 'thread.follow', { ch: s.open, root: s.root, on: true }),
    shows: (s) => s.view.get('follow', keyOf(s.member, s.root))?.active,
    is: 1,
    not: { by: 'guest', code: 'forbidden' },
  },
  'pref.set': {
    does: (s) => s.intent(s.u, 'pref.set', { key: 'theme', value: '"dark"' }),
    shows: (s) => s.view.get('pref', keyOf(s.member, 'theme'))?.value,
    is: '"dark"',
    not: { does: (s) => s.intent(s.u, 'pref.set', { key: 'theme', value: '{' }), code: 'malformed' },
  },
  'chan.pref': {
    does: (s) => s.intent(s.u, 'chan.pref', { ch: s.open, mute: true }),
    shows: (s) => s.view.get('chan_pref', keyOf(s.member, s.open))?.mute,
    is: 1,
    not: {
      does: (s) => s.intent(s.u, 'chan.pref', { ch: NOBODY as string as ChannelId, mute: true }),
      code: 'not_member',
    },
  },
};

/** The note that the last change of the topic made. */
const noteId = (s: Scene): MessageId => {
  const topic = s.facts.findLast((fact) => fact.k === 'ch.topic');
  return derivedId<OpId>(topic?.i ?? '', 'note topic bread') as string as MessageId;
};

const whoOf = (s: Scene, by: Case['by']) => (by && by !== 'system' ? s[by] : s.member);

describe('every kind of op', () => {
  it('has its case here', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(OPS).sort());
  });

  it.each(Object.entries(CASES))('%s is decided and applied', (kind, { does, by, shows, is }) => {
    const s = new Scene();
    const intent = does(s);
    const decision = s.submit(whoOf(s, by), intent, by === 'system' ? 'system' : 'person');
    expect(decision).toMatchObject({ ok: true });
    expect(decision.ok && decision.facts.map((fact) => fact.k)).toContain(kind);
    expect(shows(s)).toEqual(is);
  });

  it.each(
    Object.entries(CASES).flatMap(([kind, { does, not }]) =>
      not ? [[kind, not.code, { does, ...not }] as const] : [],
    ),
  )('%s is refused as %s where it has to be', (_, code, { does, by }) => {
    const s = new Scene();
    expect(s.submit(whoOf(s, by), does(s))).toMatchObject({ ok: false, reject: { code } });
  });
});
