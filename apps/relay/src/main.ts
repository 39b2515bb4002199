import { failureLine, standardOutput } from './cli/output.ts';
import { createProgram, isHelp, usageError } from './cli/program.ts';

// Whatever this process makes is for its owner alone, SQLite's side files included.
process.umask(0o077);

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const program = createProgram({ environment: process.env, input: process.stdin, output: standardOutput });
  await program.parseAsync();
  process.exitCode = 0;
} catch (error) {
  if (!isHelp(error)) {
    process.stderr.write(`${failureLine(usageError(error))}\n`);
    process.exitCode = 1;
  }
}
