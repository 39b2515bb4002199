import type { ImportIds } from './import-ids.ts';
import type { ImportProgress } from './import-progress.ts';
import type { ImportReport, RemarkTally } from './import-report.ts';
import type { OpBatch } from './op-batch.ts';
import type { ImportRoom } from './provisioning.ts';

/** What every part of an import works with. */
export interface ImportContext {
  readonly room: ImportRoom;
  readonly ids: ImportIds;
  readonly progress: ImportProgress;
  readonly report: ImportReport;
  readonly repeated: RemarkTally;
  readonly batch: OpBatch;
  /** Milliseconds since the epoch. */
  now(): number;
}
