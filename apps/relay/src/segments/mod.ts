export { type ByteRange, byteRange } from './byte-range.ts';
export { SEGMENT_POLICY, type SegmentPolicy } from './segment-policy.ts';
export type { SegmentRecord } from './segment-record.ts';
export { type Lane, makeLane, type OpenSegment, type SegmentOffer, WorkspaceSegments } from './workspace-segments.ts';
