import { constants, setPriority } from 'node:os';
import { buildSegment } from './build-segment.ts';
import type { BuildAnswer, BuildTask } from './build-task.ts';

/** A process that builds one segment and ends. Nobody waits for it: it yields to all that people wait for. */
setPriority(constants.priority.PRIORITY_LOW);

const answerTo = (task: BuildTask): BuildAnswer => {
  try {
    return { ok: true, contents: buildSegment(task) };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
};

process.once('message', (task: BuildTask) => {
  const answer = answerTo(task);
  // The relay may have ended meanwhile; what it left behind is cleared away when it starts again.
  if (process.connected) process.send?.(answer, () => process.disconnect());
});
