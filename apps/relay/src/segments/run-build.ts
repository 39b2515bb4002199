import { fork } from 'node:child_process';
import type { BuildAnswer, BuildTask, SegmentContents } from './build-task.ts';

/** Characters kept of what a process that fails has to say. */
const LAST_WORDS = 2_000;

/**
 * Builds a segment in a process of its own: half a minute of work for a million messages, of which the room's own process
 * feels neither the time nor the memory. Aborting it ends that process. Rejects with why there is no segment.
 */
export function runBuild(task: BuildTask, signal: AbortSignal): Promise<SegmentContents> {
  return new Promise((resolve, reject) => {
    // By message, not as an argument: keys are in the task, and arguments are for all to see.
    const child = fork(new URL('./build-process.ts', import.meta.url), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('message', (answer: BuildAnswer) => {
      if (answer.ok) resolve(answer.contents);
      else reject(new Error(answer.detail));
    });
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    child.once('close', (code, killed) =>
      reject(new Error(`the building process ended (${killed ?? code}): ${words.trim()}`)),
    );
    child.send(task, (error) => {
      if (error) reject(error);
    });
  });
}
