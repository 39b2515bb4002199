import { canSeeStream, type StateView } from '@parley/sync/core';
import { parseStream, type StreamId, type UserId } from '@parley/sync/model';
import { type Backfill, encodeJson, type Fault, type Heads, type Need, type Probe } from '@parley/sync/protocol';
import { chainOf, chainStart, chainText, sameLink } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import { opsFrame } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import { parsePageToken } from './page-token.ts';
import type { Page, Pages } from './pages.ts';
import type { Census } from './people-census.ts';
import type { Session } from './session.ts';
import { firstSeen, SightOf } from './sight.ts';
import { ownStreams, streamsOf, type VisibleConversations } from './visible.ts';

/** Facts and characters in one answer to `need`; a device asks again for what is still missing. */
const NEED_FACTS = 500;
const NEED_CHARS = 1_048_576;

/** Answers what devices ask for, from the log and the projection. */
export class Requests {
  readonly #view: StateView;
  readonly #log: LogStore;
  readonly #pages: Pages;
  readonly #visible: VisibleConversations;
  readonly #census: Census;
  readonly #limits: RoomLimits;

  constructor(parts: {
    readonly view: StateView;
    readonly log: LogStore;
    readonly pages: Pages;
    readonly visible: VisibleConversations;
    readonly census: Census;
    readonly limits: RoomLimits;
  }) {
    this.#view = parts.view;
    this.#log = parts.log;
    this.#pages = parts.pages;
    this.#visible = parts.visible;
    this.#census = parts.census;
    this.#limits = parts.limits;
  }

  need(session: Session, { s, from, to }: Need): void {
    const sight = canSeeStream(this.#view, session.identity.user, s);
    if (!sight) {
      session.send(notVisible(s));
      return;
    }
    const start = Math.max(from, firstSeen(s, sight));
    const entries = this.#log.readStream(s, start, to, NEED_FACTS);
    const first = entries[0]?.q ?? Number.POSITIVE_INFINITY;
    if (start <= Math.min(to, this.#log.head(s)) && first > start) {
      session.send({
        m: 'fault',
        code: 'trimmed',
        detail: 'These facts are no longer kept; fetch rows instead.',
        s,
      });
      return;
    }
    const texts: string[] = [];
    let chars = 0;
    for (const { text } of entries) {
      texts.push(text);
      chars += text.length;
      if (chars > NEED_CHARS) break;
    }
    session.wire.send(encodeJson(opsFrame(null, texts)));
  }

  backfill(session: Session, { r, s, at, limit }: Backfill): void {
    const { user } = session.identity;
    const sight = canSeeStream(this.#view, user, s);
    if (!sight) {
      session.send({ ...notVisible(s), r });
      return;
    }
    const place = at === null ? null : parsePageToken(at, parseStream(s).class);
    if (at !== null && !place) {
      session.send({ m: 'fault', code: 'malformed', detail: 'backfill/at: not a token of this stream', r, s });
      return;
    }
    const page =
      (place === null && session.p >= 2 ? this.#brief(s, user) : null) ??
      this.#pages.read(s, user, place, sight.from, limit);
    session.send({ m: 'rows', r, s, head: this.#log.head(s), chain: chainText(this.#log.chain(s)), ...page });
  }

  /** The page that stands for all of a stream of which a device holds few rows; null for any other stream. */
  #brief(s: StreamId, user: UserId): Page | null {
    const parts = parseStream(s);
    if (parts.class === 'd')
      return this.#census.people > this.#limits.peopleHeld
        ? this.#pages.peopleInBrief(user, this.#census.people)
        : null;
    if (parts.class !== 'm') return null;
    const members = this.#census.members(parts.channel);
    return members > this.#limits.crowdMembers ? this.#pages.membersInBrief(parts.channel, user, members) : null;
  }

  /** Where the device's history and this one are not the same. Of a stream that isn't theirs they learn nothing. */
  probe(session: Session, { r, at }: Probe): void {
    const sight = new SightOf(this.#view, session.identity.user);
    const differ = at.flatMap(([s, q, theirs]): [StreamId, number, string | null][] => {
      const visible = sight.ofStream(s);
      const place = visible ? Math.min(q, this.#log.head(s)) : 0;
      const link = visible || q === 0 ? this.#log.chainAt(s, place) : chainStart(s);
      const claimed = chainOf(theirs);
      // Of what was trimmed nobody can tell any more; but a log is never set back to before its first fact.
      const agrees = claimed && (link ? sameLink(link, claimed) : visible !== null);
      return place === q && agrees ? [] : [[s, place, link && chainText(link)]];
    });
    session.send({ m: 'probed', r, differ });
  }

  heads(session: Session, { r }: Heads): void {
    const { user } = session.identity;
    const sight = new SightOf(this.#view, user);
    // Not of all it could see, where it holds what its person is in and what is open.
    const channels = session.holdsAll
      ? this.#visible.of(user).map(({ ch }) => ch)
      : new Set([...this.#visible.joinedBy(user).map(({ ch }) => ch), ...session.open]);
    const streams = [...ownStreams(user), ...[...channels].flatMap((ch) => streamsOf(ch))];
    const heads = streams
      .map((s): [StreamId, number] => [s, this.#log.head(s)])
      .filter(([s, q]) => sight.sees({ s, q }));
    session.send({ m: 'lag', r, heads, chains: heads.map(([s]) => chainText(this.#log.chain(s))) });
  }
}

/** The same words for a stream that isn't there and one that is none of the asker's business. */
const notVisible = (s: StreamId): Fault => ({
  m: 'fault',
  code: 'not_visible',
  detail: 'There is no such stream, or it is not yours to see.',
  s,
});
