/** What a measured server process tells its parent: where it listens, and what it has used so far. */
export interface ChildReport {
  readonly listening?: number;
  readonly cpuMicros?: number;
  readonly rssBytes?: number;
  /** Whatever the parent needs to connect. */
  readonly hand?: unknown;
}

/** Answers the parent's questions about this process. Memory is measured after a collection, where `--expose-gc` allows one. */
export function answerParent(): void {
  process.on('message', (question) => {
    if (question !== 'usage') return;
    (globalThis as { gc?: () => void }).gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } satisfies ChildReport);
  });
  process.on('disconnect', () => process.exit(0));
}

export const tell = (report: ChildReport): void => void process.send?.(report);
