import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passphraseAccess } from './passphrase.ts';

let dir = '';
let file = '';
const logged: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-passphrase-'));
  file = join(dir, 'passphrase');
  logged.length = 0;
});
afterEach(() => {
  rmSync(dir, { recursive: true });
  delete process.env.PARLEY_PASSPHRASE_FILE;
});

const passphrase = (path?: string) =>
  passphraseAccess({ file: path, ask: false, log: (line) => logged.push(line) }).passphrase?.('open');

describe('a passphrase', () => {
  it('is the one line of the file that is named, or that the environment names', async () => {
    writeFileSync(file, ' correct horse \n', { mode: 0o600 });
    expect(await passphrase(file)).toBe(' correct horse ');
    process.env.PARLEY_PASSPHRASE_FILE = file;
    expect(await passphrase()).toBe(' correct horse ');
    const other = join(dir, 'other');
    writeFileSync(other, 'another one', { mode: 0o600 });
    expect(await passphrase(other)).toBe('another one');
    expect(logged).toEqual([]);
  });

  it('is none where no file is named and nobody can be asked', async () => {
    expect(await passphrase()).toBeNull();
  });

  it.each([
    ['is not there', null],
    ['is empty', ''],
    ['has an empty line', '\n'],
    ['has two lines', 'one\ntwo\n'],
    ['was named by mistake', 'x'.repeat(20_000)],
  ])('is not taken from a file that %s', async (_why, text) => {
    if (text !== null) writeFileSync(file, text);
    await expect(passphrase(file)).rejects.toThrow(file);
  });

  it('is taken from a file that others can read, with a warning', async () => {
    writeFileSync(file, 'correct horse');
    chmodSync(file, 0o644);
    expect(await passphrase(file)).toBe('correct horse');
    expect(logged).toEqual([expect.stringContaining('can be read by others')]);
  });
});
