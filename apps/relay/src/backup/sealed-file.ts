import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RelayError } from '../relay/relay-error.ts';
import type { FileEntry, Manifest } from './manifest.ts';

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Makes a finished file of a backup durable and says what it is. */
export async function seal(backup: string, name: string): Promise<FileEntry> {
  const path = join(backup, name);
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { name, bytes: statSync(path).size, sha256: await digest(path) };
}

/** Every file a manifest names. */
const filesOf = ({ accounts, secret, workspaces }: Manifest): readonly FileEntry[] => [
  accounts,
  secret,
  ...workspaces.flatMap(({ file, archives }) => [file, ...archives.map((archive) => archive.file)]),
];

/** What is wrong with a file of a backup, or null. */
async function problemOf(backup: string, { name, bytes, sha256 }: FileEntry): Promise<string | null> {
  const path = join(backup, name);
  let size: number;
  try {
    size = statSync(path).size;
  } catch {
    return `${name} is missing`;
  }
  if (size !== bytes) return `${name} has ${size} bytes instead of ${bytes}`;
  return (await digest(path)) === sha256 ? null : `${name} is not what was written`;
}

/** What is wrong with a backup's files. */
export async function damages(backup: string, manifest: Manifest): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of filesOf(manifest)) {
    const problem = await problemOf(backup, file);
    if (problem) found.push(problem);
  }
  return found;
}

/** Throws unless every file of a backup is what was written. */
export async function requireUndamaged(backup: string, manifest: Manifest): Promise<void> {
  const [first, ...others] = await damages(backup, manifest);
  if (first === undefined) return;
  throw new RelayError(
    `the backup ${backup} is damaged: ${first}${others.length ? `, and ${others.length} more` : ''}`,
    'use another backup; nothing was changed',
  );
}
