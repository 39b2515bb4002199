import type { Duplex } from 'node:stream';

/**
 * Gathers what each socket is given in one turn of the event loop into one write. A write of its own costs ten to
 * twenty times what one more frame in a gathered write does, so fan-out lives from this.
 */
export class WriteCoalescer {
  readonly #defer: (fn: () => void) => void;
  #corked = new Set<Duplex>();
  readonly #flush = () => {
    const corked = this.#corked;
    this.#corked = new Set();
    for (const socket of corked) socket.uncork();
  };

  constructor(defer: (fn: () => void) => void) {
    this.#defer = defer;
  }

  /** Call before writing: holds the socket's writes back until the end of the turn. */
  hold(socket: Duplex): void {
    if (this.#corked.has(socket)) return;
    if (this.#corked.size === 0) this.#defer(this.#flush);
    this.#corked.add(socket);
    socket.cork();
  }
}
