import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { WorkspaceId } from '@parley/sync/model';
import { EPOCH_BYTES } from '../storage/mod.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
/** 48 bits. */
const POSITION_BYTES = 6;
/** Of a link of the hash chain: this much tells two facts apart that stand at the same position by accident. */
const LINK_BYTES = 8;
/** Without a link, as tokens of the first version are and those of an empty log. */
const SHORT_BYTES = IV_BYTES + EPOCH_BYTES + POSITION_BYTES + TAG_BYTES;
const TOKEN_BYTES = SHORT_BYTES + LINK_BYTES;

/**
 * Where a device has got to in the log of an epoch. `link` is what `linkMark` makes of the fact at that position: by it
 * a log that went backwards is known even once it has grown past the position again. Null where there is none.
 */
export interface Cursor {
  readonly epoch: string;
  readonly position: number;
  readonly link: string | null;
}

/** What a cursor says of the link of the hash chain at its position. */
export const linkMark = (chain: Uint8Array): string => Buffer.from(chain.subarray(0, LINK_BYTES)).toString('hex');

/**
 * Makes and opens cursor tokens. Encrypted, because positions would tell how much others write where one isn't; and
 * authenticated, so a device can't name a position it was never given.
 */
export class CursorSeal {
  readonly #key: KeyObject;
  readonly #workspace: Buffer;
  readonly #random: (bytes: Uint8Array) => Uint8Array;
  #last: { readonly cursor: Cursor; readonly token: string } | null = null;

  constructor(secret: Uint8Array, workspace: WorkspaceId, random: (bytes: Uint8Array) => Uint8Array) {
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, workspace, 'parley cursor', 32)));
    this.#workspace = Buffer.from(workspace);
    this.#random = random;
  }

  /** The token of a position: the same one for all who stand there, made once. */
  seal(cursor: Cursor): string {
    if (this.#last?.cursor.position === cursor.position && this.#last.cursor.epoch === cursor.epoch)
      return this.#last.token;
    const plain = Buffer.alloc(EPOCH_BYTES + POSITION_BYTES + (cursor.link === null ? 0 : LINK_BYTES));
    plain.write(cursor.epoch, 'hex');
    plain.writeUIntBE(cursor.position, EPOCH_BYTES, POSITION_BYTES);
    if (cursor.link !== null) plain.write(cursor.link, EPOCH_BYTES + POSITION_BYTES, 'hex');
    const iv = this.#random(new Uint8Array(IV_BYTES));
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(this.#workspace);
    const token = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    this.#last = { cursor, token };
    return token;
  }

  /** What a token says, or null where this relay did not make it for this workspace. */
  open(token: string): Cursor | null {
    const bytes = Buffer.from(token, 'base64url');
    // Decoding skips what it doesn't know; only the one spelling of a token is a token.
    const whole = bytes.length === TOKEN_BYTES;
    if ((!whole && bytes.length !== SHORT_BYTES) || bytes.toString('base64url') !== token) return null;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(this.#workspace)
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return {
        epoch: plain.toString('hex', 0, EPOCH_BYTES),
        position: plain.readUIntBE(EPOCH_BYTES, POSITION_BYTES),
        link: whole ? plain.toString('hex', EPOCH_BYTES + POSITION_BYTES) : null,
      };
    } catch {
      return null;
    }
  }
}
