/** The room without the edge: what simulations and benchmarks drive. */
export { type LogStore, MemoryLog, SqlLog } from './log/mod.ts';
export * from './room/mod.ts';
export { beginEpoch, openWorkspaceFile } from './storage/mod.ts';
