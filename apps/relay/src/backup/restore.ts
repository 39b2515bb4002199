import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WorkspaceId } from '@parley/sync/model';
import { type DataDirectory, isInitialised, layoutOf } from '../relay/data-directory.ts';
import { lockDirectory } from '../relay/lock.ts';
import { RelayError } from '../relay/relay-error.ts';
import type { RoomEnv } from '../room/env.ts';
import { beginEpoch, type DatabaseKey, openWorkspaceFile, positionAt } from '../storage/mod.ts';
import { replayArchive } from './archive.ts';
import { standingOf } from './beside.ts';
import { cutLog } from './cut-log.ts';
import { type Manifest, readManifest, syncDirectory, type WorkspaceEntry } from './manifest.ts';
import { requireUndamaged } from './sealed-file.ts';

export interface RestoreOptions {
  readonly backup: string;
  readonly directory: DataDirectory;
  readonly key: DatabaseKey;
  /** Back to how the log stood at the end of this minute (ms); null for all the backup holds. */
  readonly until: number | null;
  /** Whether a data directory that is there is moved aside. */
  readonly replace: boolean;
  readonly env: RoomEnv;
  readonly report: (line: string) => void;
}

export interface Restored {
  readonly workspaces: readonly { readonly id: WorkspaceId; readonly name: string; readonly facts: number }[];
  /** Where the former directory is now. */
  readonly former: string | null;
}

/**
 * Makes a data directory from a backup. It is built beside and put in place whole, and what was there before is moved
 * aside, never deleted. Every workspace begins a new history: devices that know more than the backup see by it that they
 * have to give back what was lost.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { backup, directory, key, report } = options;
  const manifest = readManifest(backup);
  if (manifest.encrypted && key === null)
    throw new RelayError(`the backup ${backup} is encrypted`, 'name its key file with --key-file or PARLEY_KEY_FILE');
  if (!manifest.encrypted && key !== null)
    throw new RelayError(
      `the backup ${backup} is not encrypted`,
      'restore it without a key file, then run `encrypt` on the directory',
    );
  if (isInitialised(directory) && !options.replace)
    throw new RelayError(
      `${directory.path} is a relay's data directory already`,
      'name another with --data, or move it aside with --replace',
    );
  await requireUndamaged(backup, manifest);
  report('the backup is undamaged');
  const draft = layoutOf(`${directory.path}.restoring`);
  rmSync(draft.path, { recursive: true, force: true });
  mkdirSync(join(draft.path, 'ws'), { recursive: true, mode: 0o700 });
  try {
    copyFileSync(join(backup, manifest.secret.name), draft.secretKey);
    copyFileSync(join(backup, manifest.accounts.name), draft.accounts);
    const workspaces = manifest.workspaces.map((workspace) => restoreWorkspace(options, manifest, workspace, draft));
    syncDirectory(join(draft.path, 'ws'));
    return { workspaces, former: putInPlace(draft, directory, options.env.now()) };
  } catch (error) {
    rmSync(draft.path, { recursive: true, force: true });
    throw error;
  }
}

function restoreWorkspace(
  { backup, key, until, env, report }: RestoreOptions,
  manifest: Manifest,
  { id, file, archives }: WorkspaceEntry,
  draft: DataDirectory,
): Restored['workspaces'][number] {
  const path = draft.workspace(id);
  copyFileSync(join(backup, file.name), path);
  for (const archive of archives) replayArchive(path, join(backup, archive.file.name), key);
  const db = openWorkspaceFile(path, key);
  try {
    if (until !== null) {
      const pos = positionAt(db, until);
      if (pos === 'unknown' || until < 0)
        throw new RelayError(
          `the backup doesn't say how ${id} stood at ${new Date(until).toISOString()}`,
          'choose a later time',
        );
      if (pos === null && until > manifest.added)
        throw new RelayError(
          `the backup ends at ${new Date(manifest.added).toISOString()}`,
          'choose an earlier time, or leave --until out',
        );
      if (pos !== null) cutLog(db, pos);
    }
    beginEpoch(db, (bytes) => env.random(bytes));
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  const { name, pos } = standingOf(path, key);
  report(`restored ${name} (${id}) with ${pos} facts`);
  return { id, name, facts: pos };
}

/** Puts the finished directory where the relay will look for it; says where the former one is. */
function putInPlace(draft: DataDirectory, directory: DataDirectory, now: number): string | null {
  let former: string | null = null;
  if (existsSync(directory.path)) {
    if (readdirSync(directory.path).length === 0) rmdirSync(directory.path);
    else {
      const lock = lockDirectory(directory.lock);
      if (!lock) throw new RelayError(`another process serves ${directory.path}`, 'stop it first; nothing was changed');
      lock.release();
      former = `${directory.path}.before-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
      renameSync(directory.path, former);
    }
  }
  renameSync(draft.path, directory.path);
  syncDirectory(dirname(directory.path));
  return former;
}
