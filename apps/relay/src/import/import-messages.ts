import {
  type Body,
  conversationStream,
  keyOf,
  MAX_EDITS,
  MAX_REACTION_KINDS,
  type MessageId,
  type OpId,
  type OpKind,
  type StreamId,
  type UserId,
} from '@parley/sync/model';
import type { ImportChannels, ImportedChannel } from './import-channels.ts';
import type { ImportContext } from './import-context.ts';
import type { ImportEmoji } from './import-emoji.ts';
import type { ImportPeople } from './import-people.ts';
import type { ImportRemark } from './import-report.ts';
import { messageParts, textParts } from './message-parts.ts';
import { noteOf } from './note-of.ts';
import { provisionOp } from './provisioning.ts';
import type { Resolve } from './slack/mrkdwn-tree.ts';
import type { ChannelNote, MessageRecord, RevisionRecord } from './slack/records.ts';
import { type SlackTs, TsIndex } from './slack/ts.ts';

/** Slack's 'seconds.micros' as milliseconds; what is finer stays in the message's `ts`. */
function tsToMs(ts: SlackTs): number {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** What revisions have done to a message so far. */
interface Revised {
  readonly edits: number;
  readonly deleted: boolean;
}

/** An op of this conversation, but for what it does. */
interface Queued {
  readonly i: OpId;
  readonly a: UserId;
  readonly at: number;
  /** Names it in the report. */
  readonly where: string;
  /** Takes back what the report counted, should the room refuse it. */
  readonly refused: (() => void) | undefined;
}

/** One channel's messages, in the order they come. */
export class ImportMessages {
  readonly #context: ImportContext;
  readonly #people: ImportPeople;
  readonly #channel: ImportedChannel;
  readonly #resolve: Resolve;
  readonly #emoji: ImportEmoji;
  readonly #stream: StreamId;
  /** Messages that can have replies, and replies. Kept compactly: a channel may hold ten million. */
  readonly #roots = new TsIndex();
  readonly #replies = new TsIndex();
  readonly #threads = new Set<SlackTs>();
  readonly #revised = new Map<SlackTs, Revised>();
  /** How many messages a split one became. */
  readonly #splits = new Map<SlackTs, number>();
  #began = false;

  constructor(
    context: ImportContext,
    people: ImportPeople,
    channels: ImportChannels,
    channel: ImportedChannel,
    emoji: ImportEmoji,
  ) {
    this.#context = context;
    this.#people = people;
    this.#channel = channel;
    this.#emoji = emoji;
    this.#stream = conversationStream(channel.ch);
    this.#resolve = { user: (id) => people.find(id), channel: (id) => channels.find(id)?.ch ?? null };
  }

  message(record: MessageRecord): void {
    if (this.#channel.gone) return;
    const { report } = this.#context;
    report.repaired +=
      record.repaired + [record.text, ...record.attachments].filter((text) => text.includes('\0')).length;
    if (record.late)
      this.#context.repeated.add(
        `#${record.channelName}`,
        'out-of-order',
        'messages are older than those of an earlier day file and come after them',
      );
    if (record.occurrence > 0)
      report.adjusted.push({
        where: this.#where(record.ts),
        reason: 'duplicate-ts',
        detail: 'another message has the same time; both are kept',
      });
    if (record.note) this.#note(record, record.note);
    else this.#post(record);
  }

  revision(record: RevisionRecord): void {
    if (this.#channel.gone) return;
    const problem = this.#revise(record);
    if (problem) this.#context.report.skipped.push({ where: this.#where(record.targetTs), ...problem });
  }

  /** Queues an edit or a deletion, or says why not. */
  #revise(record: RevisionRecord): Omit<ImportRemark, 'where'> | null {
    const { report, ids } = this.#context;
    const revised = this.#revised.get(record.targetTs) ?? { edits: 0, deleted: false };
    if (!this.#isHere(record.targetTs))
      return {
        reason: 'revision-without-message',
        detail: `the message this ${record.change} is about is not in the export`,
      };
    if (revised.deleted)
      return { reason: 'revision-of-deleted', detail: `a ${record.change} of a message that was deleted before` };
    const [text = '', ...rest] = record.change === 'edit' ? textParts(record.text ?? '', this.#resolve) : [];
    if (record.change === 'edit' && text.trim() === '')
      return { reason: 'empty-edit', detail: 'the event holds no text' };
    if (record.change === 'edit' && revised.edits >= MAX_EDITS)
      return { reason: 'too-many-edits', detail: `a message keeps at most ${MAX_EDITS} edits` };

    const where = this.#where(record.targetTs);
    const at = tsToMs(record.ts);
    const revision: Queued = {
      i: ids.at(at, 'revision', this.#channel.record.id, record.ts, record.targetTs, record.change),
      a: this.#people.actor(record.userId, null),
      at,
      where,
      refused: () => {
        report.revisions -= 1;
      },
    };
    report.revisions += 1;
    if (record.change === 'edit') {
      this.#revised.set(record.targetTs, { ...revised, edits: revised.edits + 1 });
      if (rest.length > 0)
        report.adjusted.push({
          where,
          reason: 'edit-cut',
          detail: 'the edited text is too long for a message; its end was left out',
        });
      this.#queue('msg.edit', revision, { msg: this.#messageId(record.targetTs, 0), text });
    } else {
      this.#revised.set(record.targetTs, { ...revised, deleted: true });
      this.#delete(record.targetTs, revision);
    }
    return null;
  }

  /** Whether a message of this time came before, now or in an earlier import. */
  #isHere(ts: SlackTs): boolean {
    if (this.#roots.has(ts) || this.#replies.has(ts)) return true;
    const row = this.#context.room.view.get('message', this.#messageId(ts, 0));
    return row?.ch === this.#channel.ch && row.kind !== 'note';
  }

  #queue<K extends OpKind>(k: K, { i, a, at, where, refused }: Queued, b: Body<K>): void {
    this.#context.batch.add(provisionOp({ i, s: this.#stream, k, b, a, at }), where, refused);
  }

  #where(ts: SlackTs): string {
    return `${this.#channel.record.name} ${ts}`;
  }

  #messageId(ts: SlackTs, occurrence: number, part = 0): MessageId {
    const again = [...(occurrence > 0 ? [`again ${occurrence}`] : []), ...(part > 0 ? [`part ${part}`] : [])];
    return this.#context.ids.at(tsToMs(ts), 'message', this.#channel.record.id, ts, ...again) as string as MessageId;
  }

  /** Whether an op that makes this message has to be sent. A channel that is only being made holds nothing yet. */
  #isNew(id: MessageId): boolean {
    if (this.#context.batch.silent) return false;
    return this.#channel.fresh || !this.#context.room.view.get('message', id);
  }

  /** The first message that is new: where something newer is here already, history ends up behind it. */
  #begin(at: number): void {
    if (this.#began) return;
    this.#began = true;
    const row = this.#context.room.view.get('channel', this.#channel.ch);
    if (row && row.msgs > 0 && row.last_at > at)
      this.#context.report.adjusted.push({
        where: `#${this.#channel.record.name}`,
        reason: 'after-newer',
        detail: 'the channel holds newer messages already; imported ones stand behind them',
      });
  }

  /** Counts a message, and queues what makes it unless it is here. */
  #create(i: MessageId, at: number, send: (i: OpId) => void): void {
    const { report } = this.#context;
    report.messages += 1;
    if (!this.#isNew(i)) {
      report.existing += 1;
      return;
    }
    this.#begin(at);
    send(i as string as OpId);
  }

  #author(record: MessageRecord): UserId {
    const { userId, userName, bot } = record;
    const author =
      userId !== null || !bot
        ? this.#people.actor(userId, userName ?? bot?.name ?? null, bot !== null)
        : this.#people.bot(bot);
    this.#channel.authors?.add(author);
    return author;
  }

  #note(record: MessageRecord, note: ChannelNote): void {
    const { report } = this.#context;
    const a = this.#author(record);
    const at = tsToMs(record.ts);
    const where = this.#where(record.ts);
    const id = this.#messageId(record.ts, record.occurrence);
    report.notes += 1;
    const told = noteOf(record, note, a, (slack) => this.#people.nameOf(slack));
    const refused = (): void => {
      report.messages -= 1;
      report.notes -= 1;
    };
    this.#create(id, at, (i) => this.#queue('msg.note', { i, a, at, where, refused }, { ...told, of: i }));
  }

  #post(record: MessageRecord): void {
    const { report } = this.#context;
    const { ts } = record;
    const where = this.#where(ts);
    const parts = messageParts(record, this.#resolve);
    if (parts.every(({ text, files }) => text === '' && files.length === 0))
      report.adjusted.push({
        where,
        reason: 'blank',
        detail: 'holds neither text nor files; it stands as an empty line',
      });
    const a = this.#author(record);
    const at = tsToMs(ts);
    const thread = this.#threadOf(record, where);
    const first = this.#messageId(ts, record.occurrence);
    (thread ? this.#replies : this.#roots).add(ts);
    if (thread) report.replies += 1;
    report.files += record.files.length;
    if (record.edited) report.editTimesLost += 1;
    if (parts.length > 1) {
      report.split += 1;
      this.#splits.set(ts, parts.length);
      report.adjusted.push({ where, reason: 'split', detail: `became ${parts.length} messages` });
    }
    const about = {
      ...(thread ? { thread } : {}),
      ...(thread && record.broadcast ? { also: true as const } : {}),
      ...(record.me ? { me: true as const } : {}),
      ...(record.bot ? { bot: this.#emoji.bot(record.bot) } : {}),
      ts,
    };
    const refused = (): void => this.#uncount(record, thread !== null);
    for (const [index, { text, files }] of parts.entries()) {
      const body: Body<'msg.create'> = { text, ...about, ...(files.length > 0 ? { files: [...files] } : {}) };
      if (index === 0) {
        this.#create(first, at, (i) => this.#queue('msg.create', { i, a, at, where, refused }, body));
        continue;
      }
      const i = this.#messageId(ts, record.occurrence, index);
      if (this.#isNew(i)) this.#queue('msg.create', { i: i as string as OpId, a, at, where, refused: undefined }, body);
    }
    this.#react(record, first, at, where);
    if (record.subtype === 'tombstone' && record.occurrence === 0) {
      const i = this.#context.ids.at(at, 'tombstone', this.#channel.record.id, ts);
      this.#revised.set(ts, { edits: 0, deleted: true });
      this.#delete(ts, { i, a, at, where, refused: undefined });
    }
  }

  #uncount(record: MessageRecord, isReply: boolean): void {
    const { report } = this.#context;
    report.messages -= 1;
    report.files -= record.files.length;
    if (isReply) report.replies -= 1;
  }

  /** Deletes a message with all its parts; the first part's op is the one given. */
  #delete(ts: SlackTs, op: Queued): void {
    for (let part = 0; part < (this.#splits.get(ts) ?? 1); part++) {
      const msg = this.#messageId(ts, 0, part);
      if (part === 0) this.#queue('msg.delete', op, { msg });
      else {
        const i = this.#context.ids.at(op.at, 'delete part', op.i, String(part));
        this.#queue('msg.delete', { ...op, i, refused: undefined }, { msg });
      }
    }
  }

  /** The root a reply hangs below, or null for a message of its own. */
  #threadOf(record: MessageRecord, where: string): MessageId | null {
    const { report, room } = this.#context;
    if (!record.isReply || record.threadTs === null) return null;
    const root = this.#messageId(record.threadTs, 0);
    if (!this.#roots.has(record.threadTs)) {
      // An export of some days only may continue a thread that an earlier one began.
      const row = room.view.get('message', root);
      if (!row || row.ch !== this.#channel.ch || row.thread !== null || row.kind === 'note') {
        report.orphans += 1;
        report.adjusted.push({
          where,
          reason: 'orphan-reply',
          detail: `its root ${record.threadTs} is not in the export; it became a message of its own`,
        });
        return null;
      }
    }
    if (!this.#threads.has(record.threadTs)) {
      this.#threads.add(record.threadTs);
      report.threads += 1;
    }
    return root;
  }

  #react(record: MessageRecord, msg: MessageId, at: number, where: string): void {
    const { report, ids } = this.#context;
    // Short names that are one emoji here (`+1` and `thumbsup`) are one reaction.
    const seen = new Set<string>();
    const kinds = new Set<string>();
    for (const reaction of record.reactions) {
      const emoji = this.#emoji.reaction(reaction.name);
      if (emoji === null) continue;
      if (!kinds.has(emoji) && kinds.size >= MAX_REACTION_KINDS) {
        report.skipped.push({
          where,
          reason: 'too-many-reactions',
          detail: `a message carries at most ${MAX_REACTION_KINDS} different emoji`,
        });
        return;
      }
      kinds.add(emoji);
      for (const slack of reaction.users) {
        const a = this.#people.actor(slack, null);
        const key = keyOf(emoji, a);
        if (seen.has(key)) continue;
        seen.add(key);
        report.reactions += 1;
        const i = ids.at(at, 'reaction', msg, emoji, slack);
        const refused = (): void => {
          report.reactions -= 1;
        };
        this.#queue('react.add', { i, a, at, where, refused }, { msg, emoji });
      }
    }
  }
}
