/** How a line's bytes fare for the time being. */
export interface Weather {
  /** Each piece is held up for a time between these, ms; pieces never overtake each other. */
  readonly delayMs: readonly [low: number, high: number];
  /** Bytes a second, each way; null where the line is as fast as the machine. */
  readonly bytesPerSecond: number | null;
}

export const FAIR: Weather = { delayMs: [0, 0], bytesPerSecond: null };
