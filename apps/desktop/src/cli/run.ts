import { CommanderError } from 'commander';
import { EXIT, exitOf } from './exit.ts';
import { createProgram } from './program.ts';
import { safeLine } from './safe-text.ts';

/** A reader that has seen enough (`parley read … | head`) is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

function complain(line: string): void {
  process.stderr.write(`parley: ${safeLine(line)}\n`);
}

try {
  await createProgram(process).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and the like end this way too, having said what they had to say.
    const asked = error.exitCode === 0;
    process.exitCode = asked ? 0 : EXIT.usage;
    if (!asked)
      complain(
        `${error.code === 'commander.help' ? 'name a command' : error.message.replace(/^error: /, '')}; see: parley help`,
      );
  } else {
    process.exitCode = exitOf(error);
    complain(error instanceof Error ? error.message : String(error));
  }
}
// An idle connection to the relay would keep the process for seconds after its work is done.
process.stdout.write('', () => process.exit());
