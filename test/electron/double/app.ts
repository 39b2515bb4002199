import { EventEmitter } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { startChromium, stopChromium } from './chromium.ts';
import { record } from './records.ts';

const paths = new Map<string, string>();

/** Electron's `app`, with a lock of its own making: a file names the first instance, a socket reaches it. */
class App extends EventEmitter {
  readonly isPackaged = false;
  #ready: Promise<void> | null = null;
  #isReady = false;
  #lock: string | null = null;
  #told: Promise<void> = Promise.resolve();
  #quitting = false;

  getPath(name: string): string {
    return paths.get(name) ?? join(process.env.PARLEY_DOUBLE_DIR ?? '.', name);
  }
  setPath(name: string, path: string): void {
    paths.set(name, path);
  }

  enableSandbox(): void {
    record('sandbox', true);
  }

  isReady(): boolean {
    return this.#isReady;
  }

  whenReady(): Promise<void> {
    this.#ready ??= startChromium().then(() => {
      this.#isReady = true;
      this.emit('ready');
    });
    return this.#ready;
  }

  requestSingleInstanceLock(): boolean {
    const directory = this.getPath('userData');
    mkdirSync(directory, { recursive: true });
    const lock = join(directory, 'double.lock');
    const socket = join(directory, 'double.sock');
    try {
      writeSync(openSync(lock, 'wx'), String(process.pid));
    } catch {
      this.#told = new Promise((resolve) => {
        const first = connect(socket, () => first.end(JSON.stringify(process.argv)));
        first.on('close', () => resolve());
        first.on('error', () => resolve());
      });
      record('locked-by', Number(readFileSync(lock, 'utf8')));
      return false;
    }
    this.#lock = lock;
    // The last instance's, which ended without closing it.
    rmSync(socket, { force: true });
    createServer((second) => {
      let text = '';
      second.on('data', (chunk) => {
        text += chunk;
      });
      second.on('end', () => this.emit('second-instance', {}, JSON.parse(text), process.cwd()));
    }).listen(socket);
    return true;
  }

  quit(): void {
    if (this.#quitting) return;
    let prevented = false;
    this.emit('will-quit', {
      preventDefault() {
        prevented = true;
      },
    });
    if (!prevented) void this.#end(0);
  }

  exit(code = 0): void {
    void this.#end(code);
  }

  async #end(code: number): Promise<void> {
    this.#quitting = true;
    await this.#told;
    await stopChromium();
    if (this.#lock) rmSync(this.#lock);
    process.exit(code);
  }
}

export const app = new App();
