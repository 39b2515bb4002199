import { assertNever, MAX_FRAME_BYTES } from '@parley/sync/model';
import { decodeUp, type Fault, type Frame, type Up } from '@parley/sync/protocol';
import type { RoomEnv } from './env.ts';
import type { RoomLimits } from './limits.ts';
import type { RoomMetrics } from './metrics.ts';
import type { Session } from './session.ts';

/** Garbage is counted over this long. */
const GARBAGE_WINDOW_MS = 60_000;

/** What a room does with the frames of a session, one by one. */
export interface FrameHandlers {
  push(session: Session, frame: Extract<Up, { m: 'push' }>): void;
  need(session: Session, frame: Extract<Up, { m: 'need' }>): void;
  backfill(session: Session, frame: Extract<Up, { m: 'backfill' }>): void;
  heads(session: Session, frame: Extract<Up, { m: 'heads' }>): void;
  probe(session: Session, frame: Extract<Up, { m: 'probe' }>): void;
  offer(session: Session, frame: Extract<Up, { m: 'offer' }>): void;
  sum(session: Session, frame: Extract<Up, { m: 'sum' }>): void;
  people(session: Session, frame: Extract<Up, { m: 'people' }>): void;
  sub(session: Session, frame: Extract<Up, { m: 'sub' }>): void;
  eph(session: Session, frame: Extract<Up, { m: 'eph' }>): void;
  /** The device says goodbye. */
  leave(session: Session): void;
  abuse(session: Session): void;
}

/**
 * The door for frames: checks size and shape, keeps each socket to its rates, and hands on what is left. A frame that
 * can't be served is answered and forgotten; only a stream of garbage ends the connection.
 */
export class Inbox {
  readonly #handlers: FrameHandlers;
  readonly #env: RoomEnv;
  readonly #limits: RoomLimits;
  readonly #metrics: RoomMetrics;

  constructor(handlers: FrameHandlers, env: RoomEnv, limits: RoomLimits, metrics: RoomMetrics) {
    this.#handlers = handlers;
    this.#env = env;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  receive(session: Session, frame: Frame): void {
    if (!session.isOpen) return;
    if (sizeOf(frame) > MAX_FRAME_BYTES) {
      this.#garbage(session, {
        m: 'fault',
        code: 'too_large',
        detail: `A frame has at most ${MAX_FRAME_BYTES} bytes.`,
      });
      return;
    }
    const decoded = decodeUp(frame);
    if (!decoded.ok) {
      const { detail, r } = decoded;
      this.#garbage(session, { m: 'fault', code: 'malformed', detail, ...(r === undefined ? {} : { r }) });
      return;
    }
    this.#dispatch(session, decoded.message);
  }

  #dispatch(session: Session, frame: Up): void {
    switch (frame.m) {
      case 'push':
        this.#handlers.push(session, frame);
        return;
      case 'need':
        this.#paced(session, { s: frame.s }, () => this.#handlers.need(session, frame));
        return;
      case 'backfill':
        this.#paced(session, { r: frame.r, s: frame.s }, () => this.#handlers.backfill(session, frame));
        return;
      case 'heads':
        this.#paced(session, { r: frame.r }, () => this.#handlers.heads(session, frame));
        return;
      case 'probe':
        this.#paced(session, { r: frame.r }, () => this.#handlers.probe(session, frame));
        return;
      case 'offer':
        this.#paced(session, { r: frame.r }, () => this.#handlers.offer(session, frame));
        return;
      case 'sum':
        this.#paced(session, { r: frame.r, s: frame.s }, () => this.#handlers.sum(session, frame));
        return;
      case 'people':
        this.#paced(session, { r: frame.r }, () => this.#handlers.people(session, frame));
        return;
      case 'sub':
        this.#paced(session, {}, () => this.#handlers.sub(session, frame));
        return;
      case 'eph':
        // Nobody misses one; an answer would cost more than it says.
        if (session.ephemeral.take(this.#env.now()) === 0) this.#handlers.eph(session, frame);
        return;
      case 'auth':
        if (session.wire.auth) session.wire.auth(frame.token);
        else this.#garbage(session, malformed('auth: this connection takes no new token'));
        return;
      case 'hello':
        this.#garbage(session, malformed('hello: the session is under way'));
        return;
      case 'bye':
        this.#handlers.leave(session);
        return;
      default:
        assertNever(frame);
        return;
    }
  }

  #paced(session: Session, request: { r?: number; s?: string }, serve: () => void): void {
    if (session.requests.take(this.#env.now()) === 0) {
      serve();
      return;
    }
    this.#metrics.count('rate_limited');
    session.send({
      m: 'fault',
      code: 'rate_limited',
      detail: 'Too many requests; ask again a little later.',
      ...request,
    });
  }

  #garbage(session: Session, fault: Fault): void {
    this.#metrics.count('malformed_frame');
    const now = this.#env.now();
    if (now - session.garbage.since > GARBAGE_WINDOW_MS) session.garbage = { count: 0, since: now };
    session.garbage.count += 1;
    if (session.garbage.count > this.#limits.malformedPerMinute) {
      this.#handlers.abuse(session);
      return;
    }
    session.send(fault);
  }
}

const malformed = (detail: string): Fault => ({ m: 'fault', code: 'malformed', detail });

/** Bytes of a frame; short strings are not counted out, a UTF-16 unit is at most three bytes. */
const sizeOf = (frame: Frame): number =>
  typeof frame !== 'string'
    ? frame.length
    : frame.length * 3 <= MAX_FRAME_BYTES
      ? frame.length
      : Buffer.byteLength(frame);
