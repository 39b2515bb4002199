import type { Check } from '@parley/sync/model';
import type { Relay } from '../relay.ts';

/** What a command tells while it runs, one line for a person. */
export type Report = (line: string) => void;

/**
 * Something an operator does to a data directory. The same function runs in the command's own process when nobody
 * serves the directory, and in the serving one when somebody does; so what it takes and returns is plain JSON.
 */
export interface Command<Args, Result> {
  readonly isArgs: Check<Args>;
  run(relay: Relay, args: Args, report: Report, signal: AbortSignal): Promise<Result>;
}
