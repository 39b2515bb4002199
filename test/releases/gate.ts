import { inflateRawSync } from 'node:zlib';
import type { RelayWire, Transport } from '@parley/sync/engine';

type Frame = string | Uint8Array;
interface Message {
  readonly m: string;
  readonly [key: string]: unknown;
}

/** What the gate does with a message: lets it through as it is or changed, or, with null, loses it. */
type Rule = (message: Message) => Message | null;

export interface GateRules {
  readonly up?: Rule;
  readonly down?: Rule;
}

const pass: Rule = (message) => message;

const read = (frame: Frame): Message =>
  // The one type of binary frame: raw deflate of a JSON frame, after a byte that says so.
  JSON.parse(typeof frame === 'string' ? frame : inflateRawSync(frame.subarray(1)).toString('utf8'));

/** A way to the relay on which single messages get lost, to leave an engine's outbox as a bad line would. */
export class Gate {
  #up = pass;
  #down = pass;
  #open = true;
  readonly #ends = new Set<() => void>();
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  close(): void {
    this.#open = false;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  open(rules: GateRules = {}): void {
    this.#up = rules.up ?? pass;
    this.#down = rules.down ?? pass;
    this.#open = true;
  }

  get transport(): Transport {
    return {
      ...this.#transport,
      connect: (handlers) => {
        if (!this.#open) {
          queueMicrotask(() => handlers.closed('The gate is closed.'));
          return { send: () => {}, close: () => {} };
        }
        const wire: RelayWire = this.#transport.connect({
          ...handlers,
          frame: (frame) => {
            const message = this.#down(read(frame));
            if (message) handlers.frame(JSON.stringify(message));
          },
        });
        const end = () => {
          wire.close();
          handlers.closed('The gate was closed.');
        };
        this.#ends.add(end);
        return {
          send: (frame) => {
            const message = this.#up(read(frame));
            if (message) wire.send(JSON.stringify(message));
          },
          close: () => {
            this.#ends.delete(end);
            wire.close();
          },
        };
      },
    };
  }
}
