/**
 * What is wrong with where a replica lies. `full`: no room; `damaged`: what is there can't be read as it was written;
 * `locked`: it may not be written here; `failing`: the disk says no for a reason of its own.
 */
export type StorageFault = 'full' | 'damaged' | 'locked' | 'failing';

const FAULTS: readonly (readonly [RegExp, StorageFault])[] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)$/, 'full'],
  // A page that the disk won't give back is as lost as one with other bytes in it.
  [/^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS))/, 'damaged'],
  [/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EROFS$|EACCES$|EPERM$)/, 'locked'],
  [/^(SQLITE_IOERR|EIO$)/, 'failing'],
];

/** What kind of storage failure an error is, or null where it is another kind of error. */
export function storageFault(error: unknown): StorageFault | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return null;
  return FAULTS.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

/**
 * Whether an error in opening a replica says that it can't be used: it is damaged, or has not the tables that its layout
 * says. Either way it is fetched again.
 */
export const isUnusable = (error: unknown): boolean =>
  storageFault(error) === 'damaged' || (error as { code?: unknown } | null)?.code === 'SQLITE_ERROR';

/** What a failure means for the person. */
export const STORAGE_WORDS: { readonly [F in StorageFault]: string } = {
  full: 'The disk of this computer is full. Nothing that was kept is lost; free some space, and it goes on by itself.',
  damaged: 'The copy of this workspace on this computer is damaged; it is being made anew.',
  locked:
    'The files of this workspace on this computer can’t be written. Make their folder writable, and it goes on by itself.',
  failing: 'The disk of this computer reports errors. Nothing that was kept is lost; it is tried again.',
};

/** Files that can't be opened as things are. Nothing in them was changed. The message is for the person. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  /** `newer`: written by a newer Parley. */
  readonly fault: StorageFault | 'newer';
  constructor(fault: StorageFault | 'newer', message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

/** The failure of opening what lies at `path`, if it is one of storage. */
export function storageErrorAt(path: string, error: unknown): StorageError | null {
  const fault = storageFault(error);
  return fault && new StorageError(fault, wordsAt(path, fault), error);
}

export const newerAt = (path: string): StorageError =>
  new StorageError('newer', `${path} was written by a newer Parley. Start that one; nothing in the file was changed.`);

function wordsAt(path: string, fault: StorageFault): string {
  switch (fault) {
    case 'locked':
      return `Parley can’t write to ${path}. Make it, what is in it and its folder writable for you; nothing was changed.`;
    case 'full':
      return `There is no room on the disk to open ${path}. Free some space; nothing that was kept is lost.`;
    case 'damaged':
    case 'failing':
      return `${path} can’t be read: the disk reports errors. Nothing was changed.`;
  }
}
