import type { MessagePortMain } from './port.ts';

/** Ports that live on elsewhere (a page, another process), their messages carried there by number. */
export class Carrier {
  readonly #ports = new Map<number, MessagePortMain>();
  readonly #send: (message: CarrierMessage) => void;
  #last = 0;

  constructor(send: (message: CarrierMessage) => void) {
    this.#send = send;
  }

  /** Takes `port` over and answers the number it goes by on the other side. */
  take(port: MessagePortMain): number {
    const id = ++this.#last;
    this.add(id, port);
    return id;
  }

  add(id: number, port: MessagePortMain): void {
    this.#ports.set(id, port);
    port.on('message', ({ data }: { data: unknown }) => this.#send({ port: id, data }));
    port.on('close', () => {
      if (this.#ports.delete(id)) this.#send({ port: id, closed: true });
    });
    port.start();
  }

  /** Something arrived from the other side. */
  receive(message: CarrierMessage): void {
    const port = this.#ports.get(message.port);
    if ('closed' in message) {
      this.#ports.delete(message.port);
      port?.close();
    } else port?.postMessage(message.data);
  }

  /** The other side is gone. */
  end(): void {
    const ports = [...this.#ports.values()];
    this.#ports.clear();
    for (const port of ports) port.close();
  }
}

export type CarrierMessage =
  | { readonly port: number; readonly data: unknown }
  | { readonly port: number; readonly closed: true };
