export type { Appended, LogEntry, LogRecord, LogStore, LogTail } from './log-store.ts';
export { MemoryLog } from './memory-log.ts';
export { SqlLog } from './sql-log.ts';
