import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceId } from '@parley/sync/model';
import { RelayError } from './relay-error.ts';

/** Where everything the relay keeps lies. */
export interface DataDirectory {
  readonly path: string;
  readonly accounts: string;
  readonly secretKey: string;
  readonly lock: string;
  readonly adminSocket: string;
  workspace(id: WorkspaceId): string;
  /** Folder of a workspace's segments: made from its file, and made again where they are missing. */
  segments(id: WorkspaceId): string;
}

/** Makes the directory where it is missing, for its owner alone: it holds every message and every password hash. */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(join(path, 'ws'), { recursive: true, mode: 0o700 });
    // One that was there before may be open to others.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
  } catch (error) {
    throw new RelayError(
      `the data directory ${path} can't be used (${error instanceof Error ? error.message : String(error)})`,
      'name a directory that you own with --data',
    );
  }
  return layoutOf(path);
}

export const layoutOf = (path: string): DataDirectory => ({
  path,
  accounts: join(path, 'relay.db'),
  secretKey: join(path, 'secret.key'),
  lock: join(path, 'relay.lock'),
  adminSocket: join(path, 'admin.sock'),
  workspace: (id) => join(path, 'ws', `${id}.db`),
  segments: (id) => join(path, 'segments', id),
});

/** Whether `init` has been run there. */
export const isInitialised = (directory: DataDirectory): boolean => existsSync(directory.accounts);
