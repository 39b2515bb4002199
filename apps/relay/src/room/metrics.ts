/** What a room tells the one who watches it. Implementations neither throw nor wait. */
export interface RoomMetrics {
  /** A stamp of the monotonic clock, handed back to `delivered`. */
  stamp(): number;
  /** A push received at `stamp` has been written to every socket it goes to. */
  delivered(stamp: number): void;
  /** A batch was committed. */
  committed(facts: number, refused: number): void;
  /** `facts` reached `sockets` in one flush. */
  flushed(facts: number, sockets: number): void;
  sessions(online: number): void;
  count(event: RoomEvent): void;
  /** Something that must not happen and that a person has to look at. */
  alarm(what: string): void;
}

export type RoomEvent =
  | 'malformed_frame'
  | 'rate_limited'
  | 'slow_consumer'
  | 'too_slow'
  | 'abuse'
  | 'device_cloned'
  | 'transaction_failed'
  | 'resend';

export const noMetrics: RoomMetrics = {
  stamp: () => 0,
  delivered: () => {},
  committed: () => {},
  flushed: () => {},
  sessions: () => {},
  count: () => {},
  alarm: () => {},
};
