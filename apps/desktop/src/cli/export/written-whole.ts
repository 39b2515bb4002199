import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError, EXIT } from '../exit.ts';
import { exportFailure } from './export-failure.ts';

/** What an export is: one file, or a directory of them. */
export type ExportShape = 'file' | 'directory';

/** Stands in every directory that is an export, and says what it is. */
export const MANIFEST = 'manifest.json';
export const EXPORT_FORMAT = 'parley-export';

function isExport(directory: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8'));
    return (
      typeof manifest === 'object' && manifest !== null && 'format' in manifest && manifest.format === EXPORT_FORMAT
    );
  } catch {
    return false;
  }
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw exportFailure(error, path);
  }
}

/** Ends the command where something is in the way that may not be replaced, before hours of work. */
export function demandFree(path: string, shape: ExportShape, force: boolean): void {
  const refuse = (why: string): never => {
    throw new CliError(EXIT.refused, `${path} ${why}`);
  };
  if (basename(path) === '') refuse('is no place for an export; name a file or directory in it.');
  const there = lookAt(path);
  if (!there) return;
  if (!force) refuse('is there already; name another, or replace it with --force.');
  if (shape === 'file' && !there.isFile()) refuse('is not a file; an export does not replace it.');
  // A directory is only ever replaced by what stood in its place before: --force and a slip cost nobody their home.
  if (shape === 'directory' && !(there.isDirectory() && (readdirSync(path).length === 0 || isExport(path))))
    refuse('is not an earlier export; it is not replaced. Name another place.');
}

/**
 * Lets `write` fill a file or directory beside `path` and moves it there when it is whole, so that neither a crash nor a
 * full disk ever leaves half an export under the name of a whole one. What `write` makes is on the disk when it returns.
 */
export async function writtenWhole<T>(
  path: string,
  shape: ExportShape,
  force: boolean,
  write: (part: string) => Promise<T>,
): Promise<T> {
  demandFree(path, shape, force);
  const name = `.parley-export-${randomUUID()}`;
  const [part, former] = [join(dirname(path), `${name}.part`), join(dirname(path), `${name}.old`)];
  try {
    // Not with the directories above it: a slip in the path makes no new ones.
    if (shape === 'directory') mkdirSync(part, { mode: 0o700 });
    const result = await write(part);
    demandFree(path, shape, force);
    // A directory can't be renamed over another one.
    const replaced = shape === 'directory' && existsSync(path);
    if (replaced) renameSync(path, former);
    try {
      renameSync(part, path);
    } catch (error) {
      if (replaced) renameSync(former, path);
      throw error;
    }
    return result;
  } catch (error) {
    throw exportFailure(error, path);
  } finally {
    for (const left of [part, former]) rmSync(left, { recursive: true, force: true });
  }
}
