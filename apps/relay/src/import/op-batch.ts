import type { RejectCode } from '@parley/sync/model';
import type { ImportCursor, ImportProgress } from './import-progress.ts';
import type { ImportReport } from './import-report.ts';
import type { ImportRoom, ProvisionOp } from './provisioning.ts';

/** Ops in one call: enough that an fsync is shared by many, few enough that live traffic waits only milliseconds. */
const BATCH_OPS = 500;

export interface OpBatchOptions {
  readonly room: ImportRoom;
  readonly progress: ImportProgress;
  readonly report: ImportReport;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Refusals that say nothing about the op: the room is going down, or could not write. */
const INTERRUPTS: ReadonlySet<RejectCode> = new Set(['not_leader', 'rate_limited']);

/** The room stopped taking ops. What was answered is kept; importing the same file again goes on from there. */
export class ImportInterrupted extends Error {
  override readonly name = 'ImportInterrupted';
}

interface Waiting {
  readonly op: ProvisionOp;
  readonly where: string;
  /** Takes back what the report already counted. */
  readonly refused: (() => void) | undefined;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Gathers ops and hands them to the room in order, one call at a time. The cursor moves only behind what has been
 * answered: an interruption repeats ops, it never leaves one out.
 */
export class OpBatch {
  readonly #options: OpBatchOptions;
  #waiting: Waiting[] = [];
  #reached: ImportCursor | null = null;
  /** While resuming: everything planned was answered in an earlier run. */
  silent = false;

  constructor(options: OpBatchOptions) {
    this.#options = options;
  }

  /** Queues an op. `where` names it in the report if it is refused. */
  add(op: ProvisionOp, where: string, refused?: () => void): void {
    if (this.silent || this.#options.dryRun) return;
    this.#waiting.push({ op, where, refused });
  }

  /** Says that everything up to here has been queued. */
  reach(cursor: ImportCursor): void {
    if (!this.silent) this.#reached = cursor;
  }

  /** Sends what is queued once there is enough of it. To be called after every record. */
  async settle(): Promise<void> {
    if (this.#waiting.length >= BATCH_OPS) await this.flush();
  }

  async flush(): Promise<void> {
    const { room, progress, signal } = this.#options;
    while (this.#waiting.length > 0) {
      signal?.throwIfAborted();
      const items = this.#waiting.slice(0, BATCH_OPS);
      const verdicts = await room.provision(items.map(({ op }) => op));
      this.#waiting = this.#waiting.slice(BATCH_OPS);
      for (const [at, { op, where, refused }] of items.entries()) {
        const verdict = verdicts[at];
        if (verdict?.ok) continue;
        if (!verdict || INTERRUPTS.has(verdict.code))
          throw new ImportInterrupted(verdict?.detail ?? 'The room gave no answer.');
        refused?.();
        const why = `${verdict.code}: ${verdict.detail}`;
        this.#options.report.skipped.push({ where, reason: 'refused', detail: `${op.k} was refused (${why})` });
      }
      await turn();
    }
    if (this.#reached) progress.advance(this.#reached);
    this.#reached = null;
  }
}
