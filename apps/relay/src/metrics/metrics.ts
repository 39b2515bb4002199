import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RoomMetrics } from '../room/metrics.ts';

/** Around the brief's 100 ms, and out to what a person would call broken. */
const LATENCY_BUCKETS_MS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];
/** From a lone message to a full turn with its effects. */
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** What an alarm says, for the one who keeps the log. */
export type AlarmListener = (workspace: string, what: string) => void;

/** What this relay measures, under names that dashboards keep. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #latency: Histogram;
  readonly #connections: Gauge;
  readonly #sessions: Gauge<'workspace'>;
  readonly #ops: Counter;
  readonly #rejects: Counter;
  readonly #batch: Histogram;
  readonly #frames: Counter;
  readonly #events: Counter<'event'>;
  readonly #alarms: Counter;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#latency = new Histogram({
      name: 'message_delivery_latency',
      help: 'Milliseconds from receiving an op to having written it to every socket it goes to.',
      buckets: LATENCY_BUCKETS_MS,
      registers,
    });
    this.#connections = new Gauge({ name: 'websocket_connections', help: 'Open sockets.', registers });
    this.#sessions = new Gauge({
      name: 'relay_room_sessions',
      help: 'Devices let into a workspace.',
      labelNames: ['workspace'],
      registers,
    });
    this.#ops = new Counter({ name: 'relay_ops_total', help: 'Facts committed.', registers });
    this.#rejects = new Counter({ name: 'relay_rejects_total', help: 'Ops refused.', registers });
    this.#batch = new Histogram({
      name: 'relay_commit_batch',
      help: 'Facts in one commit.',
      buckets: BATCH_BUCKETS,
      registers,
    });
    this.#frames = new Counter({
      name: 'relay_frames_total',
      help: 'Live frames written to sockets; a frame holds all that a socket gets of one flush.',
      registers,
    });
    this.#events = new Counter({
      name: 'relay_events_total',
      help: 'What rooms had to deal with besides ops.',
      labelNames: ['event'],
      registers,
    });
    this.#alarms = new Counter({
      name: 'relay_alarms_total',
      help: 'Things that must not happen; each is in the log.',
      registers,
    });
  }

  /** The exposition text and its media type. */
  async expose(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  setConnections(open: number): void {
    this.#connections.set(open);
  }

  /** What a room of this relay reports to. `clock` is monotonic, in milliseconds. */
  forRoom(workspace: string, clock: () => number, onAlarm: AlarmListener): RoomMetrics {
    const sessions = this.#sessions.labels(workspace);
    return {
      stamp: clock,
      delivered: (stamp) => this.#latency.observe(clock() - stamp),
      committed: (facts, refused) => {
        if (facts > 0) {
          this.#ops.inc(facts);
          this.#batch.observe(facts);
        }
        if (refused > 0) this.#rejects.inc(refused);
      },
      flushed: (_facts, sockets) => this.#frames.inc(sockets),
      sessions: (online) => sessions.set(online),
      count: (event) => this.#events.inc({ event }),
      alarm: (what) => {
        this.#alarms.inc();
        onAlarm(workspace, what);
      },
    };
  }
}
