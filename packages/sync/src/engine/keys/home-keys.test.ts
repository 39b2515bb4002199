import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../../model/mod.ts';
import { openDatabase } from '../database-file.ts';
import { Home, homeFile } from '../home.ts';
import { lockHome } from '../home-lock.ts';
import { databaseKey, deriveKey, KEY_BYTES } from './derive-key.ts';
import { type HomeKeys, openHomeKeys } from './home-keys.ts';
import type { KeyAccess, Keystore } from './key-access.ts';
import { recoverHome } from './recover.ts';
import { readRecoveryKey } from './recovery-key.ts';
import { setHomeAside } from './set-aside.ts';

let home = '';
const logged: string[] = [];
const log = (line: string): void => void logged.push(line);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-keys-'));
  logged.length = 0;
});
afterEach(() => rmSync(home, { recursive: true }));

const keyFile = () => join(home, 'home.key');
const held = () => JSON.parse(readFileSync(keyFile(), 'utf8'));
const open = (access: KeyAccess = {}): Promise<HomeKeys> => openHomeKeys(home, access, log);
const withPassphrase = (passphrase: string | null): KeyAccess => ({ passphrase: async () => passphrase });
const failing = (code: string) => expect.objectContaining({ name: 'HomeAccessError', code });

/** Opens the home as an engine does, and leaves something in it. */
async function fill(access: KeyAccess = {}): Promise<HomeKeys> {
  const keys = await open(access);
  new Home(home, keys.database).close();
  return keys;
}

/** Everything of the home, to see that a refusal changed nothing. */
const contents = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'base64')]),
  );

/** Stands where the system's keystore would: gives back only what it has sealed. */
class TestKeystore implements Keystore {
  readonly #sealed = new Map<string, Uint8Array>();
  locked = false;
  stale = false;
  allowing = true;
  readonly asked: string[] = [];
  readonly access: KeyAccess = { keystore: async () => this };

  async seal(secret: Uint8Array): Promise<Uint8Array> {
    const sealed = randomBytes(48);
    this.#sealed.set(sealed.toString('hex'), secret);
    return sealed;
  }
  async unseal(sealed: Uint8Array): Promise<{ secret: Uint8Array; stale: boolean }> {
    if (this.locked) throw new Error('locked');
    return {
      secret: must(this.#sealed.get(Buffer.from(sealed).toString('hex')), 'what was sealed'),
      stale: this.stale,
    };
  }
  async allows(disclosure: string): Promise<boolean> {
    this.asked.push(disclosure);
    return this.allowing;
  }
}

describe('keys made of a key', () => {
  it('differ by purpose and by home, and are always the same', () => {
    const homeKey = new Uint8Array(KEY_BYTES).fill(7);
    expect(Buffer.from(deriveKey(homeKey, 'journal')).toString('hex')).toBe(
      Buffer.from(deriveKey(new Uint8Array(homeKey), 'journal')).toString('hex'),
    );
    expect(deriveKey(homeKey, 'journal')).not.toEqual(databaseKey(homeKey));
    expect(deriveKey(homeKey, 'journal')).not.toEqual(deriveKey(randomBytes(KEY_BYTES), 'journal'));
    // A change here would lock everyone out.
    expect(Buffer.from(databaseKey(homeKey)).toString('hex')).toMatchInlineSnapshot(
      `"ce589a9922d6e5d37270bf623f3a0b13fe0094e69daa4ec4c41d804fd9d52f9c"`,
    );
  });
});

describe('a home whose key is in a file', () => {
  it('gets its key once, readable by its owner alone', async () => {
    const { homeKey } = await fill();
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect((await open()).homeKey).toEqual(homeKey);
    expect(readdirSync(home).filter((name) => name.startsWith('home.key'))).toEqual(['home.key']);
  });

  it('takes the rights of others on the key file away, and says so', async () => {
    await fill();
    chmodSync(keyFile(), 0o644);
    await open();
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(logged).toEqual([expect.stringContaining('could be read by others')]);
  });

  it.each([
    ['nothing', ''],
    ['garbage', '\0\x01\x02garbage'],
    ['other JSON', '{"format":"parley-home-key"}'],
    ['a later version', '{"format":"parley-home-key","version":2,"check":""}'],
    ['a film', 'x'.repeat(100_000)],
    [
      'a key derivation that would take the machine down',
      JSON.stringify({
        format: 'parley-home-key',
        version: 1,
        check: '',
        passphrase: { kdf: 'scrypt', n: 2 ** 30, r: 1e9, p: 1, salt: '', nonce: '', box: '' },
      }),
    ],
  ])('stays closed and whole where the key file holds %s', async (_what, text) => {
    await fill();
    writeFileSync(keyFile(), text);
    const before = contents();
    await expect(open()).rejects.toEqual(failing('key_file_damaged'));
    expect(contents()).toEqual(before);
  });

  it('stays closed and whole where the key file is gone', async () => {
    await fill();
    rmSync(keyFile());
    const before = contents();
    await expect(open()).rejects.toEqual(failing('key_missing'));
    expect(contents()).toEqual(before);
  });

  it('tells a key that was changed, or is another home’s, from a damaged home', async () => {
    await fill();
    const file = held();
    writeFileSync(keyFile(), JSON.stringify({ ...file, plain: randomBytes(KEY_BYTES).toString('base64url') }));
    await expect(open()).rejects.toEqual(failing('key_wrong'));
    writeFileSync(keyFile(), JSON.stringify({ ...file, plain: 'short' }));
    await expect(open()).rejects.toEqual(failing('key_wrong'));

    writeFileSync(keyFile(), JSON.stringify(file));
    writeFileSync(homeFile(home), randomBytes(16_384));
    const { database } = await open();
    const before = contents();
    expect(() => new Home(home, database)).toThrow(failing('home_damaged'));
    expect(contents()).toEqual(before);
  });
});

describe('a home whose key is in the system’s keystore', () => {
  it('has nothing in its key file that opens it without the keystore', async () => {
    const keystore = new TestKeystore();
    const { homeKey } = await fill(keystore.access);
    expect(held()).toEqual({
      format: 'parley-home-key',
      version: 1,
      check: expect.any(String),
      sealed: expect.any(String),
    });
    expect((await open(keystore.access)).homeKey).toEqual(homeKey);
    await expect(open()).rejects.toEqual(failing('key_in_keystore'));
  });

  it('takes a key in that lay in a file, and leaves no byte of it there', async () => {
    const { homeKey } = await fill();
    const { plain } = held();
    const keystore = new TestKeystore();
    expect((await open(keystore.access)).homeKey).toEqual(homeKey);
    expect(readFileSync(keyFile(), 'utf8')).not.toContain(plain);
    expect(readdirSync(home).filter((name) => name.startsWith('home.key'))).toEqual(['home.key']);
    expect((await open(keystore.access)).homeKey).toEqual(homeKey);
  });

  it('stays closed and whole while the keystore refuses, or is not there', async () => {
    const keystore = new TestKeystore();
    const { homeKey } = await fill(keystore.access);
    const before = contents();
    keystore.locked = true;
    await expect(open(keystore.access)).rejects.toEqual(failing('keystore_refused'));
    await expect(open({ keystore: async () => null })).rejects.toEqual(failing('keystore_refused'));
    expect(contents()).toEqual(before);
    keystore.locked = false;
    expect((await open(keystore.access)).homeKey).toEqual(homeKey);
  });

  it('is kept in a file where the keystore does not give back what it was given', async () => {
    const keystore = new TestKeystore();
    keystore.locked = true;
    const { homeKey } = await fill(keystore.access);
    expect(logged).toEqual([expect.stringContaining('did not take the key')]);
    expect((await open()).homeKey).toEqual(homeKey);
  });

  it('is sealed anew when the keystore has a newer key', async () => {
    const keystore = new TestKeystore();
    const { homeKey } = await fill(keystore.access);
    const { sealed } = held();
    keystore.stale = true;
    await open(keystore.access);
    keystore.stale = false;
    expect(held().sealed).not.toBe(sealed);
    expect((await open(keystore.access)).homeKey).toEqual(homeKey);
  });

  it('gives its recovery key away only if the person at the machine allows it', async () => {
    const keystore = new TestKeystore();
    const keys = await fill(keystore.access);
    keystore.allowing = false;
    await expect(keys.recoveryKey(null)).rejects.toEqual(failing('keystore_refused'));
    await expect(keys.setPassphrase(null, 'four words for it')).rejects.toEqual(failing('keystore_refused'));
    keystore.allowing = true;
    const read = readRecoveryKey(await keys.recoveryKey(null));
    expect(read).toEqual({ ok: true, key: keys.homeKey });
    expect(keystore.asked).toEqual(['recovery_key', 'passphrase', 'recovery_key']);
  });

  it('can have a passphrase besides, for programs that can’t reach the keystore', async () => {
    const keystore = new TestKeystore();
    const keys = await fill(keystore.access);
    await keys.setPassphrase(null, 'four words for it');
    expect((await open(keystore.access)).homeKey).toEqual(keys.homeKey);
    expect((await open(withPassphrase('four words for it'))).homeKey).toEqual(keys.homeKey);
    await expect(open()).rejects.toEqual(failing('passphrase_needed'));
    await keys.setPassphrase('four words for it', null);
    await expect(open()).rejects.toEqual(failing('key_in_keystore'));
  });
});

describe('a home with a passphrase', () => {
  const PASSPHRASE = 'correct horse battery';

  it('opens with it, in either composed form, and with no other', async () => {
    const { homeKey } = await fill(withPassphrase('caf\u00e9 au lait et croissant'));
    expect(held().plain).toBeUndefined();
    expect((await open(withPassphrase('cafe\u0301 au lait et croissant'))).homeKey).toEqual(homeKey);
    const before = contents();
    await expect(open(withPassphrase('cafe au lait et croissant'))).rejects.toEqual(failing('passphrase_wrong'));
    await expect(open()).rejects.toEqual(failing('passphrase_needed'));
    expect(contents()).toEqual(before);
  });

  it('can change it without anything in the home being written anew', async () => {
    const keys = await fill(withPassphrase(PASSPHRASE));
    const before = readFileSync(homeFile(home));
    await expect(keys.setPassphrase('not that one', 'another four words')).rejects.toEqual(failing('passphrase_wrong'));
    await expect(keys.setPassphrase(null, 'another four words')).rejects.toEqual(failing('passphrase_needed'));
    await expect(keys.setPassphrase(PASSPHRASE, 'short')).rejects.toEqual(failing('passphrase_unfit'));
    await keys.setPassphrase(PASSPHRASE, 'another four words');
    expect((await open(withPassphrase('another four words'))).homeKey).toEqual(keys.homeKey);
    expect(readFileSync(homeFile(home)).equals(before)).toBe(true);
    await keys.setPassphrase('another four words', null);
    expect((await open()).homeKey).toEqual(keys.homeKey);
  });

  it('gets its first one in the place of the key file’s key', async () => {
    const keys = await fill();
    const { plain } = held();
    await keys.setPassphrase(null, PASSPHRASE);
    expect(readFileSync(keyFile(), 'utf8')).not.toContain(plain);
    await expect(open()).rejects.toEqual(failing('passphrase_needed'));
    expect((await open(withPassphrase(PASSPHRASE))).homeKey).toEqual(keys.homeKey);
  });

  it('keeps what a later Parley wrote beside it', async () => {
    const keys = await fill();
    writeFileSync(keyFile(), JSON.stringify({ ...held(), token: { slot: 9 } }));
    await keys.setPassphrase(null, PASSPHRASE);
    expect(held().token).toEqual({ slot: 9 });
  });

  it('does not open where its parameters were made weaker', async () => {
    await fill(withPassphrase(PASSPHRASE));
    const file = held();
    writeFileSync(keyFile(), JSON.stringify({ ...file, passphrase: { ...file.passphrase, n: 1_024 } }));
    await expect(open(withPassphrase(PASSPHRASE))).rejects.toEqual(failing('passphrase_wrong'));
  });
});

describe('recovery', () => {
  const recovered = (text: string): Uint8Array => {
    const read = readRecoveryKey(text);
    if (!read.ok) throw new Error(read.problem);
    return read.key;
  };

  it.each(['gone', 'garbage', 'wrong', 'sealed by a keystore that was reset'])(
    'opens the home again where its key file is %s',
    async (what) => {
      const keys = await fill(what.startsWith('sealed') ? new TestKeystore().access : {});
      const text = await keys.recoveryKey(null);
      if (what === 'gone') rmSync(keyFile());
      if (what === 'garbage') writeFileSync(keyFile(), 'garbage');
      if (what === 'wrong')
        writeFileSync(keyFile(), JSON.stringify({ ...held(), plain: randomBytes(KEY_BYTES).toString('base64url') }));
      await expect(open()).rejects.toThrow();
      await recoverHome(home, recovered(text), {}, log);
      const { homeKey, database } = await open();
      expect(homeKey).toEqual(keys.homeKey);
      new Home(home, database).close();
    },
  );

  it('puts the key under a passphrase where one is given', async () => {
    const keys = await fill();
    const text = await keys.recoveryKey(null);
    rmSync(keyFile());
    await recoverHome(home, recovered(text), withPassphrase('four words for it'), log);
    await expect(open()).rejects.toEqual(failing('passphrase_needed'));
    expect((await open(withPassphrase('four words for it'))).homeKey).toEqual(keys.homeKey);
  });

  it('refuses the key of another home, and any key where there is nothing to open', async () => {
    await fill();
    const before = contents();
    await expect(recoverHome(home, randomBytes(KEY_BYTES), {}, log)).rejects.toEqual(failing('key_wrong'));
    rmSync(keyFile());
    await expect(recoverHome(home, randomBytes(KEY_BYTES), {}, log)).rejects.toEqual(failing('key_wrong'));
    expect(existsSync(keyFile())).toBe(false);
    expect(contents()['home.db']).toBe(before['home.db']);
    rmSync(homeFile(home));
    await expect(recoverHome(home, randomBytes(KEY_BYTES), {}, log)).rejects.toEqual(failing('key_wrong'));
  });

  it('waits for whoever has the home open to end', async () => {
    const keys = await fill();
    const text = await keys.recoveryKey(null);
    const unlock = lockHome(home);
    await expect(recoverHome(home, recovered(text), {}, log)).rejects.toThrow('is running');
    expect(() => setHomeAside(home, 0)).toThrow('is running');
    unlock();
  });
});

describe('a home that is set aside', () => {
  it('is whole in its new place, key and all, and the home is as new', async () => {
    const keys = await fill();
    mkdirSync(join(home, 'window'));
    const db = openDatabase(join(home, 'ws', 'a.db'), keys.database);
    db.exec("CREATE TABLE t (x); INSERT INTO t VALUES ('kept')");
    db.close();
    const aside = setHomeAside(home, Date.UTC(2030, 0, 31, 12));
    expect(aside).toBe(join(home, 'set-aside', '2030-01-31T12-00-00.000Z'));
    expect(readdirSync(home).sort()).toEqual(['engine.lock', 'set-aside', 'window']);
    const again = await fill();
    expect(again.homeKey).not.toEqual(keys.homeKey);
    const former = await openHomeKeys(aside ?? '', {}, log);
    expect(former.homeKey).toEqual(keys.homeKey);
    const kept = openDatabase(join(aside ?? '', 'ws', 'a.db'), former.database);
    expect(kept.prepare('SELECT x FROM t').all()).toEqual([{ x: 'kept' }]);
    kept.close();
  });

  it('is moved whole the next time where the first was cut short', async () => {
    const keys = await fill();
    const first = join(home, 'set-aside', 'first');
    mkdirSync(first, { recursive: true });
    copyFileSync(keyFile(), join(first, 'home.key'));
    const aside = setHomeAside(home, 0);
    expect((await openHomeKeys(aside ?? '', {}, log)).homeKey).toEqual(keys.homeKey);
    expect((await openHomeKeys(first, {}, log)).homeKey).toEqual(keys.homeKey);
    expect(setHomeAside(home, 1)).toBeNull();
  });
});
