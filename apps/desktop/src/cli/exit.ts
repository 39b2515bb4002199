import { CommandError } from '@parley/sync/engine';

/** What a script can tell by the exit code. */
export const EXIT = {
  /** What was asked for was refused, or names something that is not there. */
  refused: 1,
  /** The command line itself is not one. */
  usage: 2,
  notSignedIn: 3,
  /** The relay, or the Parley that has the home open, does not answer. */
  unreachable: 4,
} as const;
export type ExitCode = 0 | (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a line that says what to do. */
export class CliError extends Error {
  readonly exit: ExitCode;
  constructor(exit: ExitCode, line: string) {
    super(line);
    this.name = 'CliError';
    this.exit = exit;
  }
}

/** The exit code of whatever ended a command. */
export function exitOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exit;
  if (!(error instanceof CommandError)) return EXIT.refused;
  switch (error.failure.code) {
    case 'unauthenticated':
    case 'unknown_workspace':
      return EXIT.notSignedIn;
    case 'unreachable':
      return EXIT.unreachable;
    default:
      return EXIT.refused;
  }
}
