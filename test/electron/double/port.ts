import { EventEmitter } from 'node:events';

/** Electron's `MessagePortMain`: messages wait until `start`, copies arrive after the sender's turn. */
export class MessagePortMain extends EventEmitter {
  #peer: MessagePortMain | null = null;
  #waiting: unknown[] = [];
  #started = false;
  #closed = false;

  static pair(): readonly [MessagePortMain, MessagePortMain] {
    const [left, right] = [new MessagePortMain(), new MessagePortMain()];
    left.#peer = right;
    right.#peer = left;
    return [left, right];
  }

  postMessage(message: unknown): void {
    const copy = structuredClone(message);
    const peer = this.#peer;
    if (peer) queueMicrotask(() => peer.#receive(copy));
  }

  start(): void {
    this.#started = true;
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    queueMicrotask(() => {
      this.emit('close');
      this.#peer?.close();
    });
  }

  #receive(data: unknown): void {
    if (this.#closed) return;
    if (this.#started) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;
  constructor() {
    [this.port1, this.port2] = MessagePortMain.pair();
  }
}
