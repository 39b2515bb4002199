import type { SegmentRecord } from './segment-record.ts';

/** When a workspace's segment is made, made anew, and removed. */
export interface SegmentPolicy {
  /** Public messages from which there is one: fewer are quicker as pages of rows. 0 for never. */
  readonly fromMessages: number;
  /**
   * Facts since, as a share of its messages and in all, after which it is made anew. What is newer a device fetches as
   * facts, at some fifteen thousand a second.
   */
  readonly staleShare: number;
  readonly staleFacts: number;
  /** At least this long between two, and between a failure and the next attempt: building takes a core for a while. */
  readonly restMs: number;
  /** How often the above is looked at. */
  readonly checkMs: number;
  /** One that was replaced is kept for who is fetching it, until nobody has for this long. */
  readonly idleMs: number;
}

export const SEGMENT_POLICY: Omit<SegmentPolicy, 'fromMessages'> = {
  staleShare: 0.2,
  staleFacts: 50_000,
  restMs: 10 * 60_000,
  checkMs: 60_000,
  idleMs: 120_000,
};

/** Whether a segment that stands at `record` is too old, with the log at `position`. */
export function isStale(
  { staleShare, staleFacts }: SegmentPolicy,
  record: Pick<SegmentRecord, 'position' | 'messages'>,
  position: number,
): boolean {
  const since = position - record.position;
  return since > staleFacts || since > staleShare * record.messages;
}
