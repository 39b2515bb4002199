import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { compileCheck, WorkspaceIdSchema } from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import { RelayError } from '../relay/relay-error.ts';

const count = Type.Integer({ minimum: 0 });
/** A file of a backup: where it lies in it, and what it has to be. */
const FileEntry = Type.Object({
  name: Type.String({ pattern: '^[\\w-][\\w.-]*(/[\\w-][\\w.-]*)*$' }),
  bytes: count,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export type FileEntry = Static<typeof FileEntry>;

/** A stretch of a workspace's log, written after the copy of its file: positions `after`+1 to `upTo`. */
const Archive = Type.Object({ file: FileEntry, after: count, upTo: count });
export type Archive = Static<typeof Archive>;

const WorkspaceEntry = Type.Object({
  id: WorkspaceIdSchema,
  name: Type.String(),
  epoch: Type.String(),
  /** Where the log of the copied file ends. */
  pos: count,
  file: FileEntry,
  archives: Type.Array(Archive),
});
export type WorkspaceEntry = Static<typeof WorkspaceEntry>;

/** What a backup holds. Written last: a directory without one is no backup, or one that was cut short. */
export const Manifest = Type.Object({
  format: Type.Literal(1),
  /** When the full copy was made, and when it was last added to (ms). */
  made: count,
  added: count,
  encrypted: Type.Boolean(),
  accounts: FileEntry,
  secret: FileEntry,
  workspaces: Type.Array(WorkspaceEntry),
});
export type Manifest = Static<typeof Manifest>;

const isManifest = compileCheck<Manifest>(Manifest);
const NAME = 'manifest.json';

/** Reads a backup's manifest. Throws `RelayError` where there is none that can be used. */
export function readManifest(backup: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(backup, NAME), 'utf8'));
  } catch (error) {
    throw new RelayError(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? `${backup} is not a backup, or one that was cut short`
        : `the manifest of ${backup} can't be read (${error instanceof Error ? error.message : String(error)})`,
      'use another backup',
    );
  }
  if (!isManifest(value))
    throw new RelayError(
      `the manifest of ${backup} is not of this format (${isManifest.problem(value)})`,
      'use a relay of the version that made it, or a newer one',
    );
  return value;
}

/** Writes the manifest whole or not at all. */
export function writeManifest(backup: string, manifest: Manifest): void {
  const draft = join(backup, `${NAME}.draft`);
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(backup, NAME));
  syncDirectory(backup);
}

/** Makes what was created or renamed in a directory survive a power cut. */
export function syncDirectory(path: string): void {
  // Windows has no such thing, and needs none.
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
