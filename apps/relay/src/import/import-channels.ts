import {
  type ChannelId,
  type ChannelKind,
  channelNameOf,
  conversationStream,
  derivedId,
  directChannelId,
  keyOf,
  MAX_CHANNEL_NAME,
  MAX_DIRECT_MEMBERS,
  MAX_INVITE,
  MAX_TOPIC,
  membershipStream,
  personalStream,
  SYSTEM_USER,
  type UserId,
} from '@parley/sync/model';
import type { ImportContext } from './import-context.ts';
import type { ImportPeople } from './import-people.ts';
import { lineOf, uniqueName } from './label.ts';
import { provisionOp } from './provisioning.ts';
import type { ChannelRecord } from './slack/records.ts';

/** A conversation of the export and the one it became here. */
export interface ImportedChannel {
  readonly record: ChannelRecord;
  readonly ch: ChannelId;
  readonly kind: ChannelKind;
  readonly creator: UserId;
  /** Those the export lists, and no one else. */
  readonly members: readonly UserId[];
  /** Those who wrote, collected only where the export lists nobody. */
  readonly authors: Set<UserId> | null;
  /** Deleted here since it was imported: nothing more goes in. */
  readonly gone: boolean;
  /** Not here before this import. */
  readonly fresh: boolean;
}

/** The conversations of an export: made before their messages, filled with people and archived after them. */
export class ImportChannels {
  readonly #context: ImportContext;
  readonly #people: ImportPeople;
  readonly #bySlackId = new Map<string, ImportedChannel>();
  readonly #names = new Set<string>();
  readonly #taken = new Set<ChannelId>();

  constructor(context: ImportContext, people: ImportPeople) {
    this.#context = context;
    this.#people = people;
  }

  find(slack: string): ImportedChannel | null {
    return this.#bySlackId.get(slack) ?? null;
  }

  /** A conversation the export lists. */
  list(record: ChannelRecord): void {
    this.#context.report.channels += 1;
    const channel = this.#direct(record) ?? this.#named(record);
    this.#taken.add(channel.ch);
    this.#bySlackId.set(record.id, channel);
    if (channel.gone)
      this.#remark(
        record,
        'skipped',
        'channel-deleted',
        'was deleted here after an earlier import; its messages stay away',
      );
  }

  /** People and archiving, once every message is in: what was said before somebody came is not unread to them. */
  async finish(): Promise<void> {
    await this.#context.batch.flush();
    for (const channel of this.#bySlackId.values()) {
      if (channel.gone) continue;
      if (channel.kind === 'dm' || channel.kind === 'group') this.#markRead(channel);
      else this.#invite(channel);
      await this.#context.batch.settle();
    }
    for (const channel of this.#bySlackId.values()) {
      const { record, ch, kind, creator, gone } = channel;
      if (!record.archived || gone || kind === 'dm' || kind === 'group') continue;
      const { ids, batch, now } = this.#context;
      batch.add(
        provisionOp({
          i: ids.of('archive', record.id),
          s: conversationStream(ch),
          k: 'ch.archive',
          b: {},
          a: creator,
          at: now(),
        }),
        `#${record.name}`,
      );
    }
  }

  /** Direct conversations keep their kind where ours can hold them; larger or doubled ones become private channels. */
  #direct(record: ChannelRecord): ImportedChannel | null {
    if (record.type !== 'dm' && record.type !== 'mpim') return null;
    const { room, ids, progress, batch, now } = this.#context;
    const members = [...new Set(record.members.map((slack) => this.#people.actor(slack, null)))];
    const kind: ChannelKind | null =
      record.type === 'dm' && members.length >= 1 && members.length <= 2
        ? 'dm'
        : members.length >= 3 && members.length <= MAX_DIRECT_MEMBERS
          ? 'group'
          : null;
    const ch = directChannelId(room.workspace, members);
    const earlier = room.view.get('channel', ids.of('channel', record.id));
    if (kind === null || this.#taken.has(ch) || earlier) {
      this.#remark(
        record,
        'adjusted',
        'direct-as-channel',
        `became a private channel: ${members.length} people can’t have it as a direct conversation`,
      );
      return null;
    }
    const creator = this.#creator(record, members);
    const held = room.view.get('channel', ch);
    if (!held) {
      // Remembered first: a run that dies in between must still know that the history is this import's to mark as read.
      if (!batch.silent) progress.map('opened', record.id, ch);
      batch.add(
        provisionOp({
          i: ids.of('direct', record.id),
          s: conversationStream(ch),
          k: 'ch.create',
          b: { kind, members },
          a: creator,
          at: createdMs(record) ?? now(),
        }),
        record.id,
      );
    }
    return { record, ch, kind, creator, members, authors: null, gone: held?.deleted === 1, fresh: !held };
  }

  #named(record: ChannelRecord): ImportedChannel {
    const { room, ids, batch, now } = this.#context;
    const op = ids.of('channel', record.id);
    const kind: ChannelKind = record.type === 'public' ? 'public' : 'private';
    const members = this.#listed(record);
    const creator = this.#creator(record, members);
    const wanted = channelNameOf(record.name, MAX_CHANNEL_NAME) || 'imported';
    const held = room.view.get('channel', op);
    const ch = (held ? op : (this.#reusable(record, kind, wanted) ?? op)) as string as ChannelId;
    const row = room.view.get('channel', ch);
    const authors = members.length === 0 ? new Set<UserId>() : null;
    const channel: ImportedChannel = {
      record,
      ch,
      kind,
      creator,
      members,
      authors,
      gone: row?.deleted === 1,
      fresh: !row,
    };
    const name = row?.name ?? this.#freeName(wanted);
    this.#names.add(name);
    if (name !== record.name && record.type !== 'dm' && record.type !== 'mpim')
      this.#remark(record, 'adjusted', 'channel-renamed', `is called #${name} here`);
    if (row) {
      if (!held && !channel.gone) this.#describe(channel);
      return channel;
    }
    const topic = this.#line(record.topic);
    const purpose = this.#line(record.purpose);
    batch.add(
      provisionOp({
        i: op,
        s: conversationStream(ch),
        k: 'ch.create',
        b: { kind, name, ...(topic === '' ? {} : { topic }), ...(purpose === '' ? {} : { purpose }) },
        a: creator,
        at: createdMs(record) ?? now(),
      }),
      `#${record.name}`,
    );
    return channel;
  }

  #freeName(wanted: string): string {
    const { view } = this.#context.room;
    const isTaken = (name: string) =>
      this.#names.has(name) || view.find('channel', 'by_name', [name]).some((other) => !other.deleted);
    return uniqueName(wanted, MAX_CHANNEL_NAME, isTaken);
  }

  /**
   * An existing public channel an imported one may move into: the one an earlier run chose, or one of the same name in
   * which nobody has said anything, as #general is after `init`.
   */
  #reusable(record: ChannelRecord, kind: ChannelKind, name: string): ChannelId | null {
    const { room, progress, batch } = this.#context;
    const mapped = progress.mapped('channel', record.id);
    if (mapped !== null && room.view.get('channel', mapped)) return mapped as ChannelId;
    if (kind !== 'public') return null;
    const empty = room.view
      .find('channel', 'by_name', [name])
      .find(
        (row) => row.kind === 'public' && !row.deleted && !row.archived && row.msgs === 0 && !this.#taken.has(row.ch),
      );
    if (!empty) return null;
    if (!batch.silent) progress.map('channel', record.id, empty.ch);
    return empty.ch;
  }

  /** What a reused channel lacks. */
  #describe({ record, ch, creator }: ImportedChannel): void {
    const { room, ids, batch, now } = this.#context;
    const row = room.view.get('channel', ch);
    const at = createdMs(record) ?? now();
    const s = conversationStream(ch);
    const topic = this.#line(record.topic);
    if (topic !== '' && row?.topic === '')
      batch.add(
        provisionOp({ i: ids.of('topic', record.id), s, k: 'ch.topic', b: { topic }, a: creator, at }),
        `#${record.name}`,
      );
    const purpose = this.#line(record.purpose);
    if (purpose !== '' && row?.purpose === '')
      batch.add(
        provisionOp({ i: ids.of('purpose', record.id), s, k: 'ch.purpose', b: { purpose }, a: creator, at }),
        `#${record.name}`,
      );
  }

  #line(mrkdwn: string): string {
    return lineOf(mrkdwn, MAX_TOPIC, (slack) => this.#people.nameOf(slack));
  }

  #creator(record: ChannelRecord, members: readonly UserId[]): UserId {
    if (record.creatorId !== null) return this.#people.actor(record.creatorId, null);
    return members[0] ?? SYSTEM_USER;
  }

  /** Members by our ids. An id without a person is left out: a name that is only an id helps nobody. */
  #listed(record: ChannelRecord): UserId[] {
    const members: UserId[] = [];
    let unknown = 0;
    for (const slack of new Set(record.members)) {
      const user = this.#people.find(slack);
      if (user) members.push(user);
      else unknown += 1;
    }
    if (unknown > 0)
      this.#remark(
        record,
        'skipped',
        'unknown-member',
        `${unknown} of its members are not among the people of the export`,
      );
    return [...new Set(members)];
  }

  /** Brings in who was never in: somebody who has left here since does not come back with the next import. */
  #invite({ record, ch, creator, members, authors }: ImportedChannel): void {
    const { room, ids, batch, now } = this.#context;
    const fresh = [...(authors ?? members)].filter((user) => !room.view.get('member', keyOf(ch, user)));
    for (let from = 0; from < fresh.length; from += MAX_INVITE) {
      const users = fresh.slice(from, from + MAX_INVITE);
      batch.add(
        provisionOp({
          i: derivedId(ids.of('members', record.id), users.join('\n')),
          s: membershipStream(ch),
          k: 'mem.invite',
          b: { users },
          a: creator,
          at: now(),
        }),
        `#${record.name}`,
      );
    }
  }

  /** People are in a direct conversation from its first moment, so its history is marked as read by them instead. */
  #markRead({ record, ch, members }: ImportedChannel): void {
    const { room, ids, progress, batch, now } = this.#context;
    const row = room.view.get('channel', ch);
    if (!row || row.msgs === 0 || progress.mapped('opened', record.id) === null) return;
    for (const user of members) {
      if (!room.view.get('user', user)?.active) continue;
      batch.add(
        provisionOp({
          i: ids.of('read', record.id, user),
          s: personalStream(user),
          k: 'read.set',
          b: { ch, ord: row.msgs, asof: row.msgs },
          a: user,
          at: now(),
        }),
        record.id,
      );
    }
  }

  #remark(record: ChannelRecord, list: 'skipped' | 'adjusted', reason: string, detail: string): void {
    this.#context.report[list].push({ where: record.type === 'dm' ? record.id : `#${record.name}`, reason, detail });
  }
}

/** Slack counts seconds in ten digits; what doesn't is no time. */
const createdMs = ({ createdSeconds }: ChannelRecord): number | null =>
  createdSeconds !== null && createdSeconds > 0 && createdSeconds < 1e10 ? Math.trunc(createdSeconds * 1_000) : null;
