import { RelayError } from '../relay/relay-error.ts';

export interface Output {
  /** One document on standard output: as JSON, or as lines for a person. */
  result(json: boolean, value: unknown, lines: readonly string[]): void;
  /** A line on standard error while a command runs. */
  progress(line: string): void;
}

export const standardOutput: Output = {
  result: (json, value, lines) => {
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
  },
  progress: (line) => {
    process.stderr.write(`${line}\n`);
  },
};

/** What a failed command says: what happened, and what to do. */
export function failureLine(error: unknown): string {
  if (error instanceof RelayError) return `parley-relay: ${error.message} — ${error.remedy}`;
  const what = error instanceof Error ? error.message : String(error);
  return `parley-relay: ${what} — this should not happen; run with --log-level debug and report it`;
}
