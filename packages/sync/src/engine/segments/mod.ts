export { finishMerge, type Installation } from './install.ts';
export type { MergedStream } from './merge.ts';
export { relaySegments } from './relay-segments.ts';
export { SegmentFetch, type SegmentFetchDeps } from './segment-fetch.ts';
