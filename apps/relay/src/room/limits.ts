import { MAX_PUSH } from '@parley/sync/model';

/** A token bucket's size and how fast it fills. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RoomLimits {
  /** Intents and time of one turn: long enough to share an fsync, short enough that nobody notices waiting for it. */
  readonly turnIntents: number;
  readonly turnMs: number;
  /**
   * While full turns follow each other and each is told to a crowd, the next one waits for company, half as long as the
   * last one took and at most this: a write to a thousand sockets costs the same for thirty messages as for three.
   */
  readonly gatherMs: number;
  /** Sockets and ops of a turn from which gathering pays, and how long after one the room still counts as busy. */
  readonly gatherSockets: number;
  readonly gatherOps: number;
  readonly busyMs: number;
  /** System ops that get a place in a turn even while devices fill it, so an import always ends. */
  readonly turnSystemOps: number;
  /** Ops of one device. The burst lets an outbox of a day offline through; the rest is far above what hands can do. */
  readonly ops: Rate;
  /** Requests (need, backfill, heads, sub) of one socket; a bootstrap's history is fetched at this pace. */
  readonly requests: Rate;
  /** Ephemeral frames of one socket: a device repeats "typing" every few seconds in one place. */
  readonly ephemeral: Rate;
  /** Intents of one device that may wait; what comes on top is dropped and asked for again by `resend`. */
  readonly queuedIntents: number;
  /** Frames of garbage in a minute after which a socket is closed. A working client sends none. */
  readonly malformedPerMinute: number;
  /** Buffered bytes from which a socket no longer gets live frames but reads from the log (sync.md §5). */
  readonly slowBytes: number;
  /** Buffered bytes above which catching up waits for the socket to drain. */
  readonly catchUpBytes: number;
  /** Buffered bytes above which typing and presence are left out. */
  readonly shedBytes: number;
  /** Without a byte of progress for this long, a slow socket is closed. */
  readonly slowMs: number;
  /** How often waiting sockets are looked at. */
  readonly drainPollMs: number;
  /** Facts after which sockets that saw none of them are told the cursor, so that resuming stays cheap. */
  readonly cursorEvery: number;
  /** Above this many members nobody is told who is typing. */
  readonly typingMembers: number;
  /**
   * Above this many members a conversation is crowded: its facts go live only where it is open, its members are known by
   * their number, and everybody else is told every `passiveMs` where it stands. Up to here telling everyone at once is
   * cheap: a thousand writes are five milliseconds.
   */
  readonly crowdMembers: number;
  /** Long enough that telling five thousand sockets is a hundredth of a core, short enough for an unread count. */
  readonly passiveMs: number;
  /** With this many sockets online frames gather for `coalesceMs`: a write costs the same for ten facts as for one. */
  readonly coalesceSockets: number;
  readonly coalesceMs: number;
  /** A workspace of more people sends those that are asked for instead of all: the directory would be megabytes. */
  readonly peopleHeld: number;
  /** Changes to the directory that are told one by one; in an import devices are told that it has changed, and fetch. */
  readonly peopleFacts: Rate;
  /** The same for a device that was away, all at once. */
  readonly peopleFactsMissed: number;
  /** Searches for people of one socket: one per letter typed. */
  readonly peopleFinds: Rate;
  /** With more people online a device is told of those it shows and not of all. */
  readonly presencePeople: number;
  /** Members of an open conversation whose presence is told; of larger ones, those who wrote last. */
  readonly presenceMembers: number;
  /** Up to here replicas hold everything (sync.md §2). */
  readonly smallPeople: number;
  readonly smallBytes: number;
  /** Up to here replicas hold all of what their person is in. */
  readonly mediumPeople: number;
  readonly mediumBytes: number;
  /** Messages of each conversation a replica keeps in a workspace larger than that. */
  readonly windowMessages: number;
  /** Presence changes gather for this long. */
  readonly presenceMs: number;
  /** A person whose last socket went is shown offline only after this: most reconnect at once. */
  readonly offlineMs: number;
  /** Refusals kept per device for repeats; a device has at most a few pushes in flight. */
  readonly refusalsKept: number;
}

export const DEFAULT_LIMITS: RoomLimits = {
  turnIntents: 500,
  turnMs: 4,
  gatherMs: 4,
  gatherSockets: 32,
  gatherOps: 4,
  busyMs: 50,
  turnSystemOps: 50,
  ops: { burst: 2_000, perSecond: 50 },
  requests: { burst: 2_000, perSecond: 200 },
  ephemeral: { burst: 20, perSecond: 5 },
  queuedIntents: 10 * MAX_PUSH,
  malformedPerMinute: 30,
  slowBytes: 1_048_576,
  catchUpBytes: 262_144,
  shedBytes: 131_072,
  slowMs: 60_000,
  drainPollMs: 100,
  cursorEvery: 2_000,
  typingMembers: 1_000,
  crowdMembers: 1_000,
  passiveMs: 5_000,
  coalesceSockets: 5_000,
  coalesceMs: 200,
  peopleHeld: 10_000,
  peopleFacts: { burst: 500, perSecond: 20 },
  peopleFactsMissed: 2_000,
  peopleFinds: { burst: 20, perSecond: 5 },
  presencePeople: 1_000,
  presenceMembers: 200,
  smallPeople: 2_000,
  smallBytes: 5 * 2 ** 30,
  mediumPeople: 10_000,
  mediumBytes: 50 * 2 ** 30,
  windowMessages: 2_000,
  presenceMs: 500,
  offlineMs: 5_000,
  refusalsKept: 10_000,
};
