import type { Disclosure, Keystore } from '@parley/sync/engine';

/** What the engine's process asks of the main process, which alone can reach the system's keystore. */
export type KeystoreQuestion =
  | { readonly ask: 'available' }
  | { readonly ask: 'seal'; readonly secret: Uint8Array }
  | { readonly ask: 'unseal'; readonly sealed: Uint8Array }
  | { readonly ask: 'allows'; readonly disclosure: Disclosure };

/** Its answer: `no` says why there is no keystore to trust, or what it said when it failed. */
export type KeystoreReply =
  | { readonly reply: 'available' }
  | { readonly reply: 'sealed'; readonly sealed: Uint8Array }
  | { readonly reply: 'unsealed'; readonly secret: Uint8Array; readonly stale: boolean }
  | { readonly reply: 'allowed'; readonly allowed: boolean }
  | { readonly reply: 'no'; readonly why: string };

/** Questions on their way to the main process, which answers each by its number. */
export class KeystorePort {
  readonly #ask: (id: number, question: KeystoreQuestion) => void;
  readonly #waiting = new Map<number, (reply: KeystoreReply) => void>();
  #lastId = 0;

  constructor(ask: (id: number, question: KeystoreQuestion) => void) {
    this.#ask = ask;
  }

  answered(id: number, reply: KeystoreReply): void {
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
  }

  /** The keystore; null, having said why in the log, where there is none that deserves the name. */
  async keystore(log: (line: string) => void): Promise<Keystore | null> {
    const found = await this.#answer({ ask: 'available' });
    if (found.reply === 'available') return this.#open();
    log(`there is no keystore to keep the key in: ${found.reply === 'no' ? found.why : found.reply}`);
    return null;
  }

  #open(): Keystore {
    return {
      seal: async (secret) => {
        const answer = await this.#answer({ ask: 'seal', secret });
        if (answer.reply === 'sealed') return answer.sealed;
        throw new Error(answer.reply === 'no' ? answer.why : answer.reply);
      },
      unseal: async (sealed) => {
        const answer = await this.#answer({ ask: 'unseal', sealed });
        if (answer.reply === 'unsealed') return { secret: new Uint8Array(answer.secret), stale: answer.stale };
        throw new Error(answer.reply === 'no' ? answer.why : answer.reply);
      },
      allows: async (disclosure) => {
        const answer = await this.#answer({ ask: 'allows', disclosure });
        return answer.reply === 'allowed' && answer.allowed;
      },
    };
  }

  #answer(question: KeystoreQuestion): Promise<KeystoreReply> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, resolve);
      this.#ask(id, question);
    });
  }
}
