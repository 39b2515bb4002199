export { beginEpoch, EPOCH_BYTES, epochOf } from './epoch.ts';
export { type DatabaseKey, isClear, openLibsql, openLibsqlFile } from './libsql.ts';
export { LogClock, positionAt } from './log-clock.ts';
export { factsOf, isWhole, project, rebuildProjection } from './projection.ts';
export { openWorkspaceFile, projectionOf } from './workspace-file.ts';
