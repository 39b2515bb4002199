import type { ByeCode, ChannelId, ReplicaPolicy } from '@parley/sync/model';
import { type Bye, encode, type VerdictItem } from '@parley/sync/protocol';
import type { DeviceCounter } from './device-counters.ts';
import type { FrameNode } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Identity, Wire } from './wire.ts';

/**
 * Where a session stands. `sent` is the position of the last cursor it was given: resuming from there misses nothing.
 * Catching up reads the log from `sent` on; live gets each flush as it is made: the
 * frame its `node` stands for, and the person's `own` facts. `ended` by the relay, `dropped` by the
 * socket: what a dropped device had pushed is still decided, what an ended one had pushed is not. `people`: changes to
 * the directory sent since it began to catch up.
 */
export type SessionState =
  | {
      readonly is: 'catching-up';
      sent: number;
      stalled: { bufferedBytes: number; since: number } | null;
      people: number;
    }
  | { readonly is: 'live'; sent: number; node: FrameNode | null; own: string[] | null }
  | { readonly is: 'ended' }
  | { readonly is: 'dropped' };

/** One socket of one device. Holds what is true of it; what happens to it is decided by the parts of the room. */
export class Session {
  readonly identity: Identity;
  readonly wire: Wire;
  readonly counter: DeviceCounter;
  readonly requests: TokenBucket;
  readonly ephemeral: TokenBucket;
  readonly finds: TokenBucket;
  /** Version of the wire spoken with the device. */
  readonly p: number;
  /** How much its device holds, as it was told; null for one that holds everything and is not told. */
  readonly policy: ReplicaPolicy | null;
  state: SessionState;
  /** Conversations open on the device. */
  open: ReadonlySet<ChannelId> = NOTHING_OPEN;
  presence: 'active' | 'away' = 'active';
  /** Intents received and not yet decided. */
  queued = 0;
  /** Verdicts of the batch at hand. */
  verdicts: VerdictItem[] = [];
  /** Frames of garbage since `since`. */
  garbage = { count: 0, since: 0 };

  constructor(
    { wire, identity, counter, p, policy }: Pick<Session, 'wire' | 'identity' | 'counter' | 'p' | 'policy'>,
    limits: RoomLimits,
    sent: number,
    now: number,
  ) {
    this.wire = wire;
    this.identity = identity;
    this.counter = counter;
    this.p = p;
    this.policy = policy;
    this.requests = new TokenBucket(limits.requests, now);
    this.ephemeral = new TokenBucket(limits.ephemeral, now);
    this.finds = new TokenBucket(limits.peopleFinds, now);
    this.state = { is: 'catching-up', sent, stalled: null, people: 0 };
  }

  /** Its device holds everything its person may see. */
  get holdsAll(): boolean {
    return this.policy === null || this.policy.size === 'small';
  }

  get isOpen(): boolean {
    return this.state.is === 'live' || this.state.is === 'catching-up';
  }

  send(message: Parameters<typeof encode>[0]): void {
    if (this.isOpen) this.wire.send(encode(message));
  }

  /** The relay ends the session. Whoever calls this also takes it off the roster. */
  end(reason: Bye): void {
    if (!this.isOpen) return;
    this.state = { is: 'ended' };
    this.wire.close(reason);
  }
}

const NOTHING_OPEN: ReadonlySet<ChannelId> = new Set();

export const bye = (code: ByeCode, detail: string, retryAfterMs?: number): Bye => ({
  m: 'bye',
  code,
  detail,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
