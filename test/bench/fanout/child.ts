/** What a measured server process tells its parent: where it listens, and what it has used so far. */
export interface ChildReport {
  readonly listening?: number;
  readonly cpuMicros?: number;
  readonly rssBytes?: number;
  /** Whatever the parent needs to connect. */
  readonly hand?: unknown;
}

/** Answers the parent's questions about this process. Memory is measured after a collection, CPU without one. */
export function answerParent(): void {
  process.on('message', (question) => {
    if (question === 'memory') {
      (globalThis as { gc?: () => void }).gc?.();
      tell({ rssBytes: process.memoryUsage.rss() });
    } else if (question === 'cpu') {
      const { user, system } = process.cpuUsage();
      tell({ cpuMicros: user + system });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

export const tell = (report: ChildReport): void => void process.send?.(report);
