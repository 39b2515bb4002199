import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from './app.ts';

/**
 * Electron's `safeStorage`, its asynchronous half, over a keystore of its own: a key in a file that stands for the
 * system's. `PARLEY_DOUBLE_KEYSTORE` says what there is: the backend's name on Linux, `none` where encryption is not
 * available, `locked` where it is and refuses.
 */
const state = process.env.PARLEY_DOUBLE_KEYSTORE ?? 'gnome_libsecret';
/** What Chromium on Linux writes before what a key of a keystore encrypted. */
const PREFIX = Buffer.from('v11');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function demandReady(): void {
  if (!app.isReady()) throw new Error('safeStorage cannot be used before app is ready');
  if (state === 'none') throw new Error('Encryption is not available.');
  if (state === 'locked') throw new Error('The keystore is temporarily unavailable.');
}

function key(): Buffer {
  const directory = process.env.PARLEY_DOUBLE_DIR ?? '.';
  const file = join(directory, 'keystore');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { flag: 'wx' });
  return readFileSync(file);
}

export const safeStorage = {
  getSelectedStorageBackend(): string {
    if (!app.isReady()) return 'unknown';
    return state === 'locked' ? 'gnome_libsecret' : state === 'none' ? 'basic_text' : state;
  },

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    await app.whenReady();
    return state !== 'none';
  },

  async encryptStringAsync(plainText: string): Promise<Buffer> {
    demandReady();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key(), nonce);
    return Buffer.concat([PREFIX, nonce, cipher.update(plainText), cipher.final(), cipher.getAuthTag()]);
  },

  async decryptStringAsync(encrypted: Buffer): Promise<{ shouldReEncrypt: boolean; result: string }> {
    if (!Buffer.isBuffer(encrypted)) throw new TypeError('a Buffer is expected');
    demandReady();
    if (!encrypted.subarray(0, PREFIX.length).equals(PREFIX))
      throw new Error('Ciphertext does not appear to be encrypted.');
    const [nonce, box] = [encrypted.subarray(3, 3 + NONCE_BYTES), encrypted.subarray(3 + NONCE_BYTES)];
    const decipher = createDecipheriv('aes-256-gcm', key(), nonce).setAuthTag(box.subarray(-TAG_BYTES));
    const result = Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
    return { shouldReEncrypt: false, result };
  },
};
