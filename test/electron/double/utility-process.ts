import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { Carrier, type CarrierMessage } from './carrier.ts';
import type { MessagePortMain } from './port.ts';
import { record } from './records.ts';

export type ToUtility =
  | { readonly carried: CarrierMessage }
  | { readonly data: unknown; readonly ports: readonly number[] };
export type FromUtility = { readonly carried: CarrierMessage } | { readonly data: unknown };

/** Electron's `UtilityProcess` as a plain child process. */
class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #carrier: Carrier;

  constructor(modulePath: string, args: readonly string[]) {
    super();
    this.#child = fork(modulePath, args, {
      execArgv: ['--import', new URL('./parent-port.ts', import.meta.url).href],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    record('hosts', this.#child.pid);
    this.#carrier = new Carrier((carried) => this.#send({ carried }));
    this.#child.on('message', (message: FromUtility) => {
      if ('carried' in message) this.#carrier.receive(message.carried);
      else this.emit('message', message.data);
    });
    this.#child.on('exit', (code, signal) => {
      this.#carrier.end();
      this.emit('exit', code ?? (signal ? 1 : 0));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  postMessage(data: unknown, ports: readonly MessagePortMain[] = []): void {
    this.#send({ data, ports: ports.map((port) => this.#carrier.take(port)) });
  }

  kill(): boolean {
    return this.#child.kill('SIGKILL');
  }

  #send(message: ToUtility): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

export const utilityProcess = {
  fork: (modulePath: string, args: readonly string[] = []): UtilityProcess => new UtilityProcess(modulePath, args),
};
