import { EventEmitter } from 'node:events';
import { Carrier } from './carrier.ts';
import { MessagePortMain } from './port.ts';
import type { FromUtility, ToUtility } from './utility-process.ts';

/** The other end of a utility process: gives it `process.parentPort`. Loaded before the host, inside its process. */
const send = (message: FromUtility): void => void process.send?.(message);

class ParentPort extends EventEmitter {
  #waiting: unknown[] = [];

  postMessage(data: unknown): void {
    send({ data });
  }

  override on(event: string, listener: (message: unknown) => void): this {
    super.on(event, listener);
    if (event === 'message') for (const message of this.#waiting.splice(0)) listener(message);
    return this;
  }

  receive(message: unknown): void {
    if (this.listenerCount('message')) this.emit('message', message);
    else this.#waiting.push(message);
  }
}

const parentPort = new ParentPort();
const carrier = new Carrier((carried) => send({ carried }));
Object.assign(process, { parentPort });

process.on('message', (message: ToUtility) => {
  if ('carried' in message) return carrier.receive(message.carried);
  const ports = message.ports.map((id) => {
    const [inside, outside] = MessagePortMain.pair();
    carrier.add(id, outside);
    return inside;
  });
  parentPort.receive({ data: message.data, ports });
});
// As in Electron, whose utility processes end with the app.
process.on('disconnect', () => process.exit(0));
