export type { Appended, LogEntry, LogRecord, LogStore } from './log-store.ts';
export { MemoryLog } from './memory-log.ts';
export { SqlLog } from './sql-log.ts';
