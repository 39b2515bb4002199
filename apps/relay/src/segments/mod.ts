export { byteRange } from './byte-range.ts';
export { SEGMENT_POLICY } from './segment-policy.ts';
export type { SegmentRecord } from './segment-record.ts';
export { makeLane, type OpenSegment, WorkspaceSegments } from './workspace-segments.ts';
