import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { WorkspaceId } from '@parley/sync/model';

/** As many bytes as a link of the chain has: guessing either is as hard. */
const MARK_BYTES = 16;

/**
 * The relay's mark on a stream's hash chain. A link stands for every fact up to it, so one mark per stream and batch lets
 * a relay that was set back to a backup recognise the facts it had made since, whoever offers them.
 */
export class FactMarks {
  readonly #key: KeyObject;

  constructor(secret: Uint8Array, workspace: WorkspaceId) {
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, workspace, 'parley fact mark', 32)));
  }

  of(link: Uint8Array): string {
    return this.#bytes(link).toString('base64url');
  }

  /** Whether this relay put `mark` on `link`. */
  made(mark: string, link: Uint8Array): boolean {
    const claimed = Buffer.from(mark, 'base64url');
    return claimed.length === MARK_BYTES && timingSafeEqual(claimed, this.#bytes(link));
  }

  #bytes(link: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(link).digest().subarray(0, MARK_BYTES);
  }
}
