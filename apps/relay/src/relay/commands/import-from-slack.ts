import { compileCheck } from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import { ExportError, ImportInterrupted, type ImportReport, importSlack } from '../../import/mod.ts';
import { RelayError } from '../relay-error.ts';
import type { Command } from './command.ts';
import { findWorkspace } from './find-workspace.ts';

const Args = Type.Object(
  {
    /** Absolute: the process that reads it may have been started elsewhere. */
    file: Type.String({ minLength: 1 }),
    dryRun: Type.Boolean(),
    workspace: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Workspaces an import is running in; two at once would step on each other's marks. */
const running = new Set<string>();

/** Brings a Slack export into a workspace. */
export const importFromSlack: Command<Static<typeof Args>, ImportReport> = {
  isArgs: compileCheck(Args),
  async run(relay, { file, dryRun, workspace: wanted }, report, signal) {
    const { workspace, room } = findWorkspace(relay, wanted);
    if (running.has(workspace.id))
      throw new RelayError(`an import into "${workspace.name}" is running`, 'wait until it has ended');
    running.add(workspace.id);
    try {
      return await importSlack({
        room,
        db: room.db,
        file,
        dryRun,
        now: relay.env.now,
        signal,
        onProgress: ({ channel, day, days, messages }) =>
          report(`${days.done}/${days.total} days, ${messages} messages (${channel} ${day})`),
      });
    } catch (error) {
      if (error instanceof ExportError)
        throw new RelayError(`the export can't be read: ${error.message}`, 'check the file and try again');
      if (signal.aborted || error instanceof ImportInterrupted)
        throw new RelayError('the import was stopped', 'run it again to go on from where it was');
      throw error;
    } finally {
      running.delete(workspace.id);
    }
  },
};
