export { finishMerge, type Installation, type Made } from './install.ts';
export { relaySegments } from './relay-segments.ts';
export { SegmentFetch, type SegmentFetchDeps } from './segment-fetch.ts';
