import { CliError, EXIT } from '../exit.ts';

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'SQLITE_FULL']);

/** What went wrong with the files of an export, in words; anything else is nobody's fault but ours and stays as it is. */
export function exportFailure(error: unknown, path: string): unknown {
  if (error instanceof CliError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const why = reasonOf(code);
  return why === null ? error : new CliError(EXIT.refused, `${path} was not written: ${why} Nothing is left of it.`);
}

function reasonOf(code: string): string | null {
  if (NO_ROOM.has(code)) return 'there is no room left for it.';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'you may not write there.';
    case 'EROFS':
      return 'that disk can only be read.';
    case 'ENOENT':
      return 'the directory it would be in is not there.';
    case 'ENOTDIR':
      return 'what it would be in is no directory.';
    case 'ENAMETOOLONG':
      return 'its name is too long.';
    case 'EIO':
    case 'SQLITE_IOERR_WRITE':
    case 'SQLITE_IOERR_FSYNC':
    case 'SQLITE_IOERR_TRUNCATE':
    case 'SQLITE_CANTOPEN':
      return 'the disk does not take it.';
    default:
      return null;
  }
}
