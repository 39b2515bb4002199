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
  presenceMs: 500,
  offlineMs: 5_000,
  refusalsKept: 10_000,
};
