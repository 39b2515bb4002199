import { canSee, type StateView } from '@parley/sync/core';
import {
  type ChannelId,
  conversationStream,
  PEOPLE_STREAM,
  parseStream,
  type StreamId,
  type UserId,
} from '@parley/sync/model';
import type { Lag, Passive } from '@parley/sync/protocol';
import type { LogStore } from '../log/mod.ts';
import type { RoomEnv } from './env.ts';
import { FrameNode } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import { type Followers, isMember, isTold } from './passive-followers.ts';
import type { Census } from './people-census.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';
import { streamsOf } from './visible.ts';

export interface PassiveParts {
  readonly view: StateView;
  readonly log: LogStore;
  readonly roster: Roster;
  readonly followers: Followers;
  readonly census: Census;
  readonly limits: RoomLimits;
  readonly env: RoomEnv;
  /** Conversations of a person whose device holds everything they may see. */
  visible(user: UserId): readonly { readonly ch: ChannelId }[];
  isCrowded(channel: ChannelId): boolean;
  /** Writes what was decided and not yet told, so that nothing is told of that comes later. */
  settle(): void;
}

type Entry = Passive['of'][number];

/**
 * Tells where things stand of which not everyone was told as they happened: crowded conversations, and the directory
 * while very much changes in it. Every few seconds, one frame per socket, shared by all for whom it is the same.
 */
export class PassiveHeads {
  readonly #parts: PassiveParts;
  #moved = new Set<StreamId>();
  /** Sockets that were too slow for the last frames. */
  readonly #missed = new Set<Session>();
  #cancel: (() => void) | null = null;
  #held = false;

  constructor(parts: PassiveParts) {
    this.#parts = parts;
  }

  /** Facts of these streams were committed, and not everyone who may see them was told. */
  withheld(streams: Iterable<StreamId>): void {
    for (const s of streams) this.#moved.add(s);
    this.#arm();
  }

  /** A session that read all it had missed; `peopleToo`: but for what changed in the directory. */
  live(session: Session, peopleToo: boolean): void {
    if (session.p < 2) return;
    const crowded = this.#crowdedOf(session);
    this.#parts.followers.joined(session, crowded);
    if (crowded.length) session.send({ m: 'passive', of: this.#entries(crowded) });
    if (peopleToo) session.send(this.#lag([PEOPLE_STREAM]));
  }

  /**
   * These conversations were opened: from now on their facts are told as they happen. Where they stand until then is said
   * of those of which facts may have been withheld.
   */
  opened(session: Session, channels: readonly ChannelId[]): void {
    if (session.p < 2) return;
    const { view, isCrowded } = this.#parts;
    const { user } = session.identity;
    const seen = channels.filter((channel) => canSee(view, user, channel) !== null);
    const crowded = seen.filter((channel) => isCrowded(channel));
    const others = seen.filter((channel) => !isCrowded(channel) && !session.holdsAll && !isMember(view, user, channel));
    if (crowded.length) session.send({ m: 'passive', of: this.#entries(crowded) });
    if (others.length) session.send(this.#lag(others.flatMap((channel) => streamsOf(channel))));
  }

  left(session: Session): void {
    this.#parts.followers.left(session);
    this.#missed.delete(session);
  }

  /** While a batch is in the database and not yet in the log, nothing can be said of where things stand. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    this.#cancel ??= this.#parts.env.timer(this.#parts.limits.passiveMs, () => {
      this.#cancel = null;
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#held) return this.#arm();
    const { view, limits, followers, isCrowded } = this.#parts;
    this.#parts.settle();
    const moved = this.#moved;
    this.#moved = new Set();
    for (const session of this.#missed) {
      if (session.state.is === 'live' && session.wire.bufferedBytes > limits.shedBytes) continue;
      this.#missed.delete(session);
      if (session.state.is === 'live') this.live(session, true);
    }
    const channels = new Set([...moved].flatMap((s) => channelOf(s)));
    const heads = new Shared((entries) => `{"m":"passive","of":[${entries.join(',')}]}`);
    const lags = new Shared((entries) => `{"m":"lag","r":0,"heads":[${entries.join(',')}]}`);
    for (const channel of channels) {
      const crowded = isCrowded(channel);
      const entry = this.#entry(channel);
      const told = followers.of(view, channel);
      if (entry && crowded) heads.add(told, JSON.stringify(entry));
      // Everyone is told of it again as it happens, and has to have what came before.
      else if (entry)
        lags.add(
          told,
          streamsOf(channel)
            .map((s) => this.#head(s))
            .join(','),
        );
      if (!crowded) followers.dispersed(channel);
    }
    if (moved.has(PEOPLE_STREAM)) lags.add(this.#upToDate(), this.#head(PEOPLE_STREAM));
    const write = (session: Session, frame: Buffer) => {
      if (session.wire.bufferedBytes > limits.shedBytes) this.#missed.add(session);
      else session.wire.send(frame);
    };
    heads.write(write);
    lags.write(write);
    if (this.#missed.size > 0) this.#arm();
  }

  /** Crowded conversations a session's device holds. */
  #crowdedOf(session: Session): readonly ChannelId[] {
    const { view, census, limits, visible, isCrowded } = this.#parts;
    // Nothing can be crowded, and most workspaces end here.
    if (census.people <= limits.crowdMembers) return [];
    const { user } = session.identity;
    const held = session.holdsAll ? visible(user) : view.find('member', 'by_user', [user, 1]);
    return held.map(({ ch }) => ch).filter((channel) => isCrowded(channel) && isTold(view, session, channel));
  }

  #upToDate(): Iterable<Session> {
    return [...this.#parts.roster.all()].filter(({ p }) => p >= 2);
  }

  #entries(channels: readonly ChannelId[]): Entry[] {
    return channels.map((channel) => this.#entry(channel)).filter((entry) => entry !== null);
  }

  #entry(channel: ChannelId): Entry | null {
    const { view, log, census } = this.#parts;
    const row = view.get('channel', channel);
    if (!row || row.deleted) return null;
    return [channel, log.head(conversationStream(channel)), row.msgs, row.last_at, census.members(channel)];
  }

  #head(s: StreamId): string {
    return JSON.stringify([s, this.#parts.log.head(s)]);
  }

  #lag(streams: readonly StreamId[]): Lag {
    return { m: 'lag', r: 0, heads: streams.map((s) => [s, this.#parts.log.head(s)]) };
  }
}

function channelOf(s: StreamId): readonly ChannelId[] {
  const parts = parseStream(s);
  return 'channel' in parts ? [parts.channel] : [];
}

/** Frames of entries, each made once for all sessions it is the same for. */
class Shared {
  readonly #wrap: (entries: readonly string[]) => string;
  readonly #root = FrameNode.root();
  readonly #nodes = new Map<Session, FrameNode>();
  #entries = 0;

  constructor(wrap: (entries: readonly string[]) => string) {
    this.#wrap = wrap;
  }

  /** Sessions that are not live are told all when they are. */
  add(sessions: Iterable<Session>, entry: string): void {
    const id = this.#entries++;
    for (const session of sessions)
      if (session.state.is === 'live')
        this.#nodes.set(session, (this.#nodes.get(session) ?? this.#root).child(id, entry));
  }

  write(send: (session: Session, frame: Buffer) => void): void {
    for (const [session, node] of this.#nodes) send(session, node.frame(this.#wrap));
  }
}
