import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { KeyAccess } from '@parley/sync/engine';

/** Where a passphrase file stands, for processes that nobody can give an option. */
const PASSPHRASE_FILE_VARIABLE = 'PARLEY_PASSPHRASE_FILE';
/** Beyond any passphrase; a file named by mistake is not read to its end. */
const MAX_FILE_BYTES = 16_384;

export interface PassphraseSource {
  /** A file with the passphrase as its only line; without it the one that the environment names, if any. */
  readonly file?: string | undefined;
  /** Whether somebody sits at the terminal who can be asked. */
  readonly ask: boolean;
  readonly log: (line: string) => void;
}

/** A home's passphrase as a program without a window gets it: from a file, else from whoever sits at the terminal. */
export function passphraseAccess({ file, ask, log }: PassphraseSource): KeyAccess {
  const path = file ?? (process.env[PASSPHRASE_FILE_VARIABLE] || undefined);
  // Asked once: this process may have to open the home again, when another one that had it open is gone.
  let answer: Promise<string | null> | null = null;
  return {
    async passphrase(use) {
      if (path !== undefined) return readPassphraseFile(path, log);
      if (use === 'new' || !ask) return null;
      answer ??= askSecret('Passphrase of this home: ', { echo: false });
      return answer;
    },
  };
}

/** The one line of a passphrase file. Throws where it can't be read, or has none. */
export function readPassphraseFile(path: string, log: (line: string) => void): string {
  let text: string;
  try {
    const handle = openSync(path, 'r');
    try {
      const { mode, size } = fstatSync(handle);
      if (size > MAX_FILE_BYTES) throw new Error('it has more than 16 KiB');
      // Not refused: what hands out secrets to programs often makes files like this, in places that others can't enter.
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) log(`${path} can be read by others on this machine`);
      text = readFileSync(handle, 'utf8');
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new Error(`The passphrase file ${path} can’t be read: ${error instanceof Error ? error.message : error}`);
  }
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase && !/[\r\n]/.test(passphrase)) return passphrase;
  throw new Error(`The passphrase file ${path} is to hold one line, the passphrase.`);
}

/** Asks at the terminal; without `echo` nothing of what is typed is shown. Null where it ends without an answer. */
export async function askSecret(question: string, { echo }: { readonly echo: boolean }): Promise<string | null> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: echo ? process.stderr : nowhere, terminal: true });
  const gone = new AbortController();
  lines.once('close', () => gone.abort());
  try {
    return (await lines.question('', { signal: gone.signal })) || null;
  } catch {
    return null;
  } finally {
    lines.close();
    if (!echo) process.stderr.write('\n');
  }
}
