import type { ChannelId, MessageId, Names } from '@parley/sync/model';
import { isoTime } from './local-time.ts';
import { typedTexts } from './mentions.ts';
import type { ReplicaReader } from './replica-reader.ts';
import { ask, type Session } from './session.ts';

/** A message that has just come. */
export interface Followed {
  readonly id: MessageId;
  readonly channel: string;
  readonly author: string;
  readonly text: string;
  readonly at: string;
  readonly seq: number;
  readonly thread: MessageId | null;
}

interface NewRow {
  readonly row: number;
  readonly id: MessageId;
  readonly ch: ChannelId;
  readonly q: number;
  readonly at: number;
  readonly text: string;
  readonly thread: MessageId | null;
  readonly author: string | null;
  readonly bot: string | null;
}

/** Messages in the order they reach this replica. History that is fetched meanwhile is old, and not told. */
export class MessageFollower {
  readonly #session: Session;
  readonly #reader: ReplicaReader;
  readonly #since: number;
  #row: number;

  constructor(session: Session, reader: ReplicaReader) {
    this.#session = session;
    this.#reader = reader;
    const [newest] = reader.all<{ row: number; at: number }>(
      'SELECT ifnull(max(rowid), 0) AS row, ifnull(max(at), 0) AS at FROM message',
    );
    this.#row = newest?.row ?? 0;
    this.#since = newest?.at ?? 0;
  }

  async next(): Promise<readonly Followed[]> {
    const rows = this.#reader.all<NewRow>(
      `SELECT m.rowid AS row, m.id, m.ch, m.q, m.at, m.text, m.thread, u.name AS author, m.extra ->> '$.bot.name' AS bot
       FROM message m LEFT JOIN user u ON u.id = m.author
       WHERE m.rowid > ? AND m.kind <> 'note' AND m.deleted = 0 ORDER BY m.rowid`,
      this.#row,
    );
    this.#row = rows.at(-1)?.row ?? this.#row;
    const fresh = rows.filter(({ at }) => at >= this.#since);
    if (fresh.length === 0) return [];
    const names: Names = { users: {}, channels: {}, emoji: {} };
    const typed = await typedTexts(
      this.#session,
      fresh.map(({ text }) => text),
      names,
    );
    const labels = new Map<ChannelId, string>();
    for (const { ch } of fresh) if (!labels.has(ch)) labels.set(ch, await this.#label(ch));
    return fresh.map(({ id, ch, q, at, text, thread, author, bot }) => ({
      id,
      channel: labels.get(ch) ?? '',
      author: bot ?? author ?? 'Unknown person',
      text: typed(text),
      at: isoTime(at),
      seq: q,
      thread,
    }));
  }

  async #label(ch: ChannelId): Promise<string> {
    const view = await ask(this.#session, 'channel', { ch });
    if (!view) return '';
    return view.kind === 'public' || view.kind === 'private' ? `#${view.name}` : view.name;
  }
}
