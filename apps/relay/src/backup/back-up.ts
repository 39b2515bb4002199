import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceId } from '@parley/sync/model';
import { selectAll } from '@parley/sync/replica';
import { type DataDirectory, isInitialised } from '../relay/data-directory.ts';
import { RelayError } from '../relay/relay-error.ts';
import { type DatabaseKey, openLibsql } from '../storage/mod.ts';
import { archiveLog } from './archive.ts';
import { openBeside, standingOf } from './beside.ts';
import { type Manifest, readManifest, syncDirectory, type WorkspaceEntry, writeManifest } from './manifest.ts';
import { seal } from './sealed-file.ts';

export interface BackUpOptions {
  readonly directory: DataDirectory;
  readonly key: DatabaseKey;
  /** Where the backup is, or is to be. */
  readonly target: string;
  readonly now: number;
  readonly report: (line: string) => void;
}

/**
 * Copies a data directory, served or not, into a new directory: of each file one moment of its own, the accounts first, so
 * that nobody who can sign in is missing from a workspace. Encrypted files stay encrypted under the same key.
 */
export async function backUp({ directory, key, target, now, report }: BackUpOptions): Promise<Manifest> {
  requireRelay(directory);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new RelayError(`${target} is not empty`, 'name a new directory, or add to a backup with --log');
  mkdirSync(join(target, 'ws'), { recursive: true, mode: 0o700 });
  copyFileSync(directory.secretKey, join(target, 'secret.key'));
  const workspaces: WorkspaceEntry[] = [];
  const ids = copyAccounts(directory, key, join(target, 'relay.db'));
  for (const id of ids) {
    const name = `ws/${id}.db`;
    vacuumInto(directory.workspace(id), key, join(target, name));
    workspaces.push({ id, ...standingOf(join(target, name), key), file: await seal(target, name), archives: [] });
    report(`copied ${id}`);
  }
  syncDirectory(join(target, 'ws'));
  const manifest: Manifest = {
    format: 1,
    made: now,
    added: now,
    encrypted: key !== null,
    accounts: await seal(target, 'relay.db'),
    secret: await seal(target, 'secret.key'),
    workspaces,
  };
  writeManifest(target, manifest);
  return manifest;
}

/** Adds to a backup what was written since: the facts after its end, and the accounts as they are now. */
export async function addLog({ directory, key, target, now, report }: BackUpOptions): Promise<Manifest> {
  requireRelay(directory);
  const manifest = readManifest(target);
  if (manifest.encrypted !== (key !== null))
    throw new RelayError(
      `the backup ${target} is ${manifest.encrypted ? '' : 'not '}encrypted, the relay’s files are ${key === null ? 'not' : ''}`,
      'make a new backup',
    );
  const accounts = `relay.${now}.db`;
  const ids = new Set(copyAccounts(directory, key, join(target, accounts)));
  const strange = [...ids].find((id) => !manifest.workspaces.some((workspace) => workspace.id === id));
  if (strange !== undefined)
    throw new RelayError(`the workspace ${strange} is not in this backup`, 'make a new backup');
  const workspaces: WorkspaceEntry[] = [];
  for (const workspace of manifest.workspaces) {
    const archive = await archiveLog({ workspace, live: directory.workspace(workspace.id), key, target });
    workspaces.push(archive ? { ...workspace, archives: [...workspace.archives, archive] } : workspace);
    if (archive) report(`added facts ${archive.after + 1} to ${archive.upTo} of ${workspace.id}`);
  }
  const added: Manifest = { ...manifest, added: now, accounts: await seal(target, accounts), workspaces };
  writeManifest(target, added);
  return added;
}

function requireRelay(directory: DataDirectory): void {
  if (isInitialised(directory)) return;
  throw new RelayError(`${directory.path} is not a relay's data directory`, 'name another with --data');
}

/** Copies the accounts and says which workspaces they name. */
function copyAccounts(directory: DataDirectory, key: DatabaseKey, to: string): readonly WorkspaceId[] {
  vacuumInto(directory.accounts, key, to);
  const db = openLibsql(to, key);
  try {
    return selectAll<readonly [WorkspaceId]>(db, 'SELECT id FROM workspace ORDER BY id')([]).map(([id]) => id);
  } finally {
    db.close();
  }
}

/** Copies one moment of a database, without its free pages; whoever writes it goes on meanwhile. */
function vacuumInto(from: string, key: DatabaseKey, to: string): void {
  const db = openBeside(from, key);
  try {
    db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } finally {
    db.close();
  }
}
