import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Program, type ProgramOptions, RELAY } from './program.ts';

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const accountOf = (name: string): Account => ({
  name,
  email: `${name.toLowerCase().replaceAll(' ', '.')}@test.example`,
  password: `the password of ${name}`,
});

/** A relay process on a directory of its own. It keeps its port, so that everyone finds it again. */
export class Relay {
  readonly #dir: string;
  readonly #cache: string;
  #program: Program | null = null;
  #port = 0;

  private constructor(dir: string, cache: string) {
    this.#dir = dir;
    this.#cache = cache;
  }

  static async open(dir: string, cache: string, workspace: string, owner: Account): Promise<Relay> {
    const relay = new Relay(dir, cache);
    const whose = ['--owner', owner.email, '--owner-name', owner.name, '--password-stdin'];
    await relay.#run(['init', '--workspace', workspace, ...whose], owner.password);
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get port(): number {
    return this.#port;
  }
  get log(): string {
    return this.#program?.log ?? 'the relay is down\n';
  }

  async #run([command = '', ...args]: readonly string[], input: string): Promise<string> {
    const options: ProgramOptions = { cache: this.#cache, input };
    const nested = command.split(' ');
    return new Program(RELAY, [...nested, '--data', this.#dir, ...args], options).result();
  }

  async start(): Promise<void> {
    this.#program = new Program(RELAY, ['serve', '--data', this.#dir, '--port', String(this.#port)], {
      cache: this.#cache,
    });
    this.#port = Number(await this.#program.line(/"listening":"http:\/\/127\.0\.0\.1:(\d+)"/));
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = null;
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = null;
  }

  /** Gives somebody a sign-in; with `claim`, as the imported person of that name. */
  async addPerson({ name, email, password }: Account, claim?: string): Promise<void> {
    const imported = claim === undefined ? [] : ['--claim', claim];
    await this.#run(['user add', '--email', email, '--name', name, '--password-stdin', ...imported], password);
  }

  async importSlack(archive: Buffer): Promise<void> {
    const file = join(this.#dir, '..', 'export.zip');
    await writeFile(file, archive);
    await this.#run(['import slack', '--file', file, '--json'], '');
  }
}
