import {
  type ChannelId,
  type ChannelKind,
  conversationStream,
  directChannelId,
  type Intent,
  type MessageId,
  type MessageRow,
  membershipStream,
  type OpId,
  PEOPLE_STREAM,
  personalStream,
  type Role,
  type UserId,
  WORKSPACE_STREAM,
} from '../model/mod.ts';
import { LEDGER_WORKSPACE, Ledger } from './ledger.ts';
import type { Prng } from './prng.ts';

const user = (n: number): UserId => `01800000-0000-7000-8000-0000000000a${n}` as UserId;

/** A picture that passes for one. */
const IMAGE = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==';

/** A ledger with a few people, a public and a private channel, and whatever happens to them. */
export class Office extends Ledger {
  readonly owner = user(1);
  readonly admin = user(2);
  readonly member = user(3);
  readonly guest = user(4);
  readonly open: ChannelId;
  readonly closed: ChannelId;
  readonly channels: ChannelId[] = [];
  readonly messages: { readonly id: MessageId; readonly ch: ChannelId }[] = [];

  constructor(view?: Ledger['view']) {
    super(view);
    this.make(this.owner, WORKSPACE_STREAM, 'ws.set', { name: 'Office' }, { authority: 'system' });
    for (const [who, role] of this.people)
      this.make(
        who,
        PEOPLE_STREAM,
        'user.add',
        { user: who, name: role, handle: role, email: `${role}@example.org`, role, claimed: true },
        { authority: 'system' },
      );
    this.open = this.channel('public', 'open');
    this.closed = this.channel('private', 'closed');
    this.make(this.owner, membershipStream(this.open), 'mem.invite', { users: [this.admin, this.member] });
    this.make(this.owner, membershipStream(this.closed), 'mem.invite', { users: [this.member, this.guest] });
  }

  get people(): readonly (readonly [UserId, Role])[] {
    return [
      [this.owner, 'owner'],
      [this.admin, 'admin'],
      [this.member, 'member'],
      [this.guest, 'guest'],
    ];
  }

  get users(): readonly UserId[] {
    return this.people.map(([who]) => who);
  }

  channel(kind: ChannelKind & ('public' | 'private'), name: string, by = this.owner): ChannelId {
    const i = this.newId();
    const ch = i as string as ChannelId;
    this.make(by, conversationStream(ch), 'ch.create', { kind, name }, { i });
    this.channels.push(ch);
    return ch;
  }

  say(by: UserId, ch: ChannelId, text: string, thread?: MessageId): MessageId {
    const i = this.make(by, conversationStream(ch), 'msg.create', { text, ...(thread ? { thread } : {}) });
    this.messages.push({ id: i as string as MessageId, ch });
    return i as string as MessageId;
  }

  messageRow(id: MessageId): MessageRow {
    const row = this.view.get('message', id);
    if (!row) throw new Error(`there is no message ${id}`);
    return row;
  }

  /** Any op a person may send, to any place: mostly one that makes sense. */
  anyIntent(rng: Prng, by: UserId): Intent {
    const ch = rng.pick(this.channels);
    const c = conversationStream(ch);
    const m = membershipStream(ch);
    const u = personalStream(rng.chance(0.95) ? by : rng.pick(this.users));
    const at = rng.maybe(this.messages);
    const msg = at?.id ?? (this.open as string as MessageId);
    const where = at && rng.chance(0.95) ? conversationStream(at.ch) : c;
    const who = rng.pick(this.users);
    const text = rng.chance(0.05)
      ? ''
      : `word${rng.int(1_000)} ${rng.chance(0.3) ? `<@${who}>` : ''}${rng.chance(0.1) ? '<!here>' : ''}`;
    const make: readonly (readonly [number, () => Intent])[] = [
      [
        20,
        () =>
          this.intent(where, 'msg.create', {
            text,
            ...(at && rng.chance(0.4) ? { thread: this.view.get('message', msg)?.thread ?? msg } : {}),
            ...(rng.chance(0.2) ? { also: true } : {}),
          }),
      ],
      [6, () => this.intent(where, 'msg.edit', { msg, text }, rng.chance(0.5) ? { base: rng.int(10) } : {})],
      [4, () => this.intent(where, 'msg.delete', { msg })],
      [
        6,
        () =>
          this.intent(where, rng.chance(0.7) ? 'react.add' : 'react.remove', {
            msg,
            emoji: rng.pick(['👍', '🎉', ':party:', 'x']),
          }),
      ],
      [3, () => this.intent(where, rng.chance(0.7) ? 'pin.add' : 'pin.remove', { msg })],
      [2, () => this.#create(rng, by)],
      [1, () => this.intent(c, 'ch.rename', { name: `name-${rng.int(5)}` })],
      [1, () => this.intent(c, 'ch.topic', { topic: `topic ${rng.int(100)}` })],
      [1, () => this.intent(c, 'ch.purpose', { purpose: `purpose ${rng.int(100)}` })],
      [1, () => this.intent(c, rng.chance(0.4) ? 'ch.archive' : 'ch.unarchive', {})],
      [0.2, () => this.intent(c, 'ch.delete', {})],
      [0.5, () => this.intent(c, 'ch.convert', { to: 'private' })],
      [3, () => this.intent(m, 'mem.join', {})],
      [2, () => this.intent(m, 'mem.leave', {})],
      [3, () => this.intent(m, 'mem.invite', { users: [who, rng.pick(this.users)] })],
      [2, () => this.intent(m, 'mem.remove', { user: who })],
      [1, () => this.intent(m, 'mem.role', { user: who, role: rng.pick(['admin', 'member']) })],
      [
        3,
        () =>
          this.intent(u, 'read.set', {
            ch,
            ord: rng.int(6),
            asof: rng.int(6),
            ...(rng.chance(0.2) ? { back: true } : {}),
          }),
      ],
      [1, () => this.intent(u, 'read.thread', { ch: at?.ch ?? ch, root: msg, tord: rng.int(4) })],
      [2, () => this.intent(u, 'draft.set', { ch, text: rng.chance(0.3) ? '' : text })],
      [1, () => this.intent(u, 'saved.set', { ch: at?.ch ?? ch, msg, on: rng.chance(0.6) })],
      [1, () => this.intent(u, 'thread.follow', { ch: at?.ch ?? ch, root: msg, on: rng.chance(0.6) })],
      [1, () => this.intent(u, 'pref.set', { key: 'theme', value: rng.pick(['"dark"', null, '{']) })],
      [
        1,
        () =>
          this.intent(u, 'chan.pref', {
            ch,
            star: rng.chance(0.5),
            ...(rng.chance(0.5) ? { mute: rng.chance(0.5) } : {}),
          }),
      ],
      [
        1,
        () =>
          this.intent(PEOPLE_STREAM, 'user.set', { user: rng.chance(0.8) ? by : who, title: `title ${rng.int(9)}` }),
      ],
      [1, () => this.intent(PEOPLE_STREAM, 'user.status', { emoji: '🌴', text: 'away', until: 0 })],
      [
        1,
        () =>
          this.intent(PEOPLE_STREAM, 'user.role', {
            user: who,
            role: rng.pick<Role>(['guest', 'member', 'admin', 'owner']),
          }),
      ],
      [0.5, () => this.intent(PEOPLE_STREAM, 'user.active', { user: who, active: rng.chance(0.6) })],
      [
        0.5,
        () =>
          this.intent(WORKSPACE_STREAM, 'ws.set', {
            settings: { mentionAll: rng.pick<Role>(['guest', 'member', 'admin']) },
          }),
      ],
      [1, () => this.intent(WORKSPACE_STREAM, 'emoji.add', { name: 'party', image: IMAGE })],
      [0.5, () => this.intent(WORKSPACE_STREAM, 'emoji.remove', { name: 'party' })],
    ];
    return rng.weighted(make)();
  }

  /** Submits one and remembers what it made. */
  anything(rng: Prng, by: UserId = rng.pick(this.users)): void {
    const intent = this.anyIntent(rng, by);
    if (!this.submit(by, intent).ok) return;
    const ch = intent.s.slice(2) as ChannelId;
    if (intent.k === 'msg.create') this.messages.push({ id: intent.i as string as MessageId, ch });
    if (intent.k === 'ch.create' && this.view.get('channel', ch) && !this.channels.includes(ch)) this.channels.push(ch);
  }

  #create(rng: Prng, by: UserId): Intent {
    if (rng.chance(0.6)) {
      const i: OpId = this.newId();
      return this.intent(
        conversationStream(i as string as ChannelId),
        'ch.create',
        { kind: rng.pick(['public', 'private']), name: `name-${rng.int(8)}` },
        { i },
      );
    }
    const members = [...new Set([by, ...rng.some(this.users, 0.4)])];
    return this.intent(conversationStream(directChannelId(LEDGER_WORKSPACE, members)), 'ch.create', {
      kind: members.length > 2 ? 'group' : 'dm',
      members,
    });
  }
}
