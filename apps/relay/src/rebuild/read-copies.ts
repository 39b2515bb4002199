import { existsSync } from 'node:fs';
import { type CopyIdentity, readCopyIdentity, type SqlDatabase } from '@parley/sync/replica';
import { RelayError } from '../relay/relay-error.ts';
import { isClear, openLibsql } from '../storage/mod.ts';

/** A copy of a person's replica, opened. */
export interface Copy extends CopyIdentity {
  readonly path: string;
  readonly db: SqlDatabase;
}

/** Opens the copies a relay is rebuilt from. Throws `RelayError` where one is none, or of another workspace. */
export function openCopies(paths: readonly string[]): readonly Copy[] {
  const copies: Copy[] = [];
  try {
    for (const path of paths) copies.push(openCopy(path));
    const [first] = copies;
    const other = copies.find(({ workspace }) => workspace !== first?.workspace);
    if (first && other)
      throw new RelayError(
        `${first.path} and ${other.path} are of different workspaces`,
        'rebuild each workspace from its own copies',
      );
    return copies;
  } catch (error) {
    for (const { db } of copies) db.close();
    throw error;
  }
}

function openCopy(path: string): Copy {
  if (!existsSync(path)) throw new RelayError(`${path} is not there`, 'name the files with --from');
  if (!isClear(path)) throw notACopy(path, 'it is not a SQLite file');
  const db = openLibsql(path);
  const identity = readCopyIdentity(db);
  if (typeof identity !== 'string') return { path, db, ...identity };
  db.close();
  throw notACopy(path, identity);
}

const notACopy = (path: string, why: string): RelayError =>
  new RelayError(`${path} can't be used: ${why}`, 'have each person run `parley export --format replica --to FILE`');
