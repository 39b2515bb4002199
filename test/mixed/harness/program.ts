import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EngineClient } from '@parley/sync/engine';
import type { Told, Wish } from './asks.ts';

/** Which build runs in a child: a kept release, this checkout, or one that is a step ahead of it. */
export type Build = 'now' | 'newer' | (string & {});

/** A process with an engine or a relay of some build. */
export class Program {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #watches = new Map<number, (value: unknown) => void>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (told: Told) => this.#hear(told));
    child.on('exit', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('the child has ended'));
      this.#calls.clear();
    });
  }

  static async start(build: Build): Promise<Program> {
    const ahead = build === 'newer' ? ['--import', join(import.meta.dirname, 'newer.ts')] : [];
    const child = fork(join(import.meta.dirname, 'child.ts'), [build === 'newer' ? 'now' : build], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...ahead],
      serialization: 'advanced',
    });
    await once(child, 'message');
    return new Program(child);
  }

  ask(wish: Wish): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, ...wish });
    });
  }

  /** The engine's client, as windows have it. */
  readonly client: EngineClient = {
    call: (command, args) => this.ask({ do: 'call', command, args }) as Promise<never>,
    once: (query, params) => this.ask({ do: 'once', query, params }) as Promise<never>,
    watch: (query, params, listener) => {
      const id = this.#lastId + 1;
      this.#watches.set(id, listener as (value: unknown) => void);
      const asked = this.ask({ do: 'watch', query, params });
      return () => {
        if (!this.#watches.delete(id)) return;
        // Nobody listens any more, whether or not it came to be watched.
        asked.then(() => this.ask({ do: 'unwatch', of: id })).catch(() => {});
      };
    },
  };

  /** Closes what it holds in good order, and ends. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.connected) return;
    await this.ask({ do: 'close' });
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  #hear(told: Told): void {
    if ('value' in told) {
      this.#watches.get(told.id)?.(told.value);
      return;
    }
    const call = this.#calls.get(told.id);
    this.#calls.delete(told.id);
    if ('failed' in told) call?.reject(new Error(told.failed));
    else call?.resolve(told.ok);
  }
}
