import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceId } from '@parley/sync/model';
import { selectAll } from '@parley/sync/replica';
import { type DataDirectory, isInitialised } from '../relay/data-directory.ts';
import { RelayError } from '../relay/relay-error.ts';
import type { DatabaseKey } from '../storage/mod.ts';
import { openBeside } from './beside.ts';
import { readManifest } from './manifest.ts';
import { damages } from './sealed-file.ts';
import { type Verified, verifyWorkspace } from './verify.ts';

export interface VerifiedWorkspace extends Verified {
  readonly id: WorkspaceId;
}

export interface Verification {
  readonly workspaces: readonly VerifiedWorkspace[];
  /** What is wrong with files as such. */
  readonly problems: readonly string[];
}

interface Options {
  readonly key: DatabaseKey;
  readonly replay: boolean;
  readonly report: (line: string) => void;
}

/** Checks a data directory, served or not. */
export function verifyDirectory(directory: DataDirectory, { key, replay, report }: Options): Verification {
  if (!isInitialised(directory))
    throw new RelayError(`${directory.path} is not a relay's data directory`, 'name another with --data');
  const accounts = openBeside(directory.accounts, key);
  let ids: readonly WorkspaceId[];
  const problems: string[] = [];
  try {
    ids = selectAll<readonly [WorkspaceId]>(accounts, 'SELECT id FROM workspace ORDER BY id')([]).map(([id]) => id);
    for (const [found] of selectAll<readonly [string]>(accounts, 'PRAGMA integrity_check(20)')([]))
      if (found !== 'ok') problems.push(`relay.db is damaged: ${found}`);
  } finally {
    accounts.close();
  }
  const secret = existsSync(directory.secretKey) ? new Uint8Array(readFileSync(directory.secretKey)) : null;
  if (!secret) problems.push('secret.key is missing');
  const workspaces: VerifiedWorkspace[] = [];
  for (const id of ids) {
    const path = directory.workspace(id);
    if (!existsSync(path)) {
      problems.push(`the file of workspace ${id} is missing`);
      continue;
    }
    report(`verifying ${id}`);
    workspaces.push({ id, ...verifyWorkspace({ path, key, workspace: id, secret, replay }) });
  }
  return { workspaces, problems };
}

/** Checks a backup: that every file is what was written, and each workspace's copy in itself. */
export async function verifyBackup(backup: string, { key, replay, report }: Options): Promise<Verification> {
  const manifest = readManifest(backup);
  const problems = await damages(backup, manifest);
  if (problems.length) return { workspaces: [], problems };
  const secret = new Uint8Array(readFileSync(join(backup, manifest.secret.name)));
  const workspaces: VerifiedWorkspace[] = [];
  for (const { id, file } of manifest.workspaces) {
    report(`verifying ${id}`);
    workspaces.push({
      id,
      ...verifyWorkspace({ path: join(backup, file.name), key, workspace: id, secret, replay }),
    });
  }
  return { workspaces, problems };
}
