import type { Env } from '../core/mod.ts';
import { type ChannelId, type MemberRow, membershipStream, unpackRow } from '../model/mod.ts';
import type { Link } from './link.ts';

const PAGE_ROWS = 500;
/** Members listed of one conversation: more than anybody scrolls through; who is looked for is searched for. */
const MAX_LISTED = 5_000;
/** A list is good for this long. */
const FRESH_MS = 60_000;
/** Lists kept. */
const MAX_LISTS = 4;

interface List {
  rows: MemberRow[];
  at: number;
  /** Where the next page begins; null after the last. */
  next: string | null;
  fetching: boolean;
}

/** Members of conversations whose membership the replica knows by its number: listed on demand, shown and not kept. */
export class MemberLists {
  readonly #env: Env;
  readonly #link: () => Link;
  readonly #changed: (channel: ChannelId) => void;
  readonly #lists = new Map<ChannelId, List>();

  constructor(env: Env, link: () => Link, changed: (channel: ChannelId) => void) {
    this.#env = env;
    this.#link = link;
    this.#changed = changed;
  }

  /** The first `limit` members as far as they have come; the rest is asked for. */
  of(channel: ChannelId, limit: number): readonly MemberRow[] {
    let list = this.#lists.get(channel);
    if (!list || (this.#env.now() - list.at > FRESH_MS && !list.fetching)) {
      // What was listed before is shown until its successor is there.
      list = { rows: list?.rows ?? [], at: this.#env.now(), next: null, fetching: false };
      this.#lists.delete(channel);
      this.#lists.set(channel, list);
      for (const [oldest] of this.#lists) {
        if (this.#lists.size <= MAX_LISTS) break;
        this.#lists.delete(oldest);
      }
      this.#fetch(channel, list, limit, true);
    } else if (list.rows.length < limit && list.next !== null && !list.fetching)
      this.#fetch(channel, list, limit, false);
    return list.rows.slice(0, limit);
  }

  #fetch(channel: ChannelId, list: List, limit: number, anew: boolean): void {
    list.fetching = true;
    void this.#pages(channel, list, Math.min(limit, MAX_LISTED), anew).finally(() => {
      list.fetching = false;
    });
  }

  async #pages(channel: ChannelId, list: List, limit: number, anew: boolean): Promise<void> {
    const s = membershipStream(channel);
    let rows = anew ? [] : list.rows;
    let at = anew ? null : list.next;
    do {
      const reply = await this.#link().request({ m: 'backfill', s, at, limit: PAGE_ROWS });
      if (reply?.m !== 'rows') return;
      at = reply.next;
      // The page that says how many there are holds but the person's own row, and where the list begins.
      if (reply.count !== undefined) continue;
      const members = reply.tables.flatMap(({ t, rows: values }) =>
        t === 'member' ? values.flatMap((value) => unpackRow('member', value) ?? []) : [],
      );
      rows = [...rows, ...members.filter(({ active }) => active === 1)];
      list.rows = rows;
      list.next = at;
      this.#changed(channel);
    } while (at !== null && rows.length < limit);
  }
}
