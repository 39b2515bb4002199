import { Program, SHELL } from './program.ts';

/** The browser shell with the engine of one home, as one process. It keeps its port over a restart. */
export class Shell {
  readonly #home: string;
  readonly #cache: string;
  #program: Program | null = null;
  #port = 0;
  /** The address with the ticket that was printed last. */
  #address = '';

  constructor(home: string, cache: string) {
    this.#home = home;
    this.#cache = cache;
  }

  get address(): string {
    return this.#address;
  }
  get port(): number {
    return this.#port;
  }
  get log(): string {
    return this.#program?.log ?? 'the shell is down\n';
  }

  async start(): Promise<void> {
    const args = ['--home', this.#home, '--no-open', '--port', String(this.#port)];
    this.#program = new Program(SHELL, args, { cache: this.#cache });
    this.#address = await this.#program.line(/^Parley is at (\S+)/);
    this.#port = Number(new URL(this.#address).port);
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = null;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = null;
  }
}
