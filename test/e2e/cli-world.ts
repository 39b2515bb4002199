import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');
const RELAY = join(root, 'apps/relay/src/main.ts');
const PARLEY = join(root, 'apps/desktop/src/cli/main.ts');

/** Processes of one run compile their code once, in a place that goes with the run. */
const ENVIRONMENT = { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), 'parley-code-')) };

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of ours under way, as the process it is. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

function start(script: string, args: readonly string[], input = ''): Running {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: ENVIRONMENT,
  });
  const ended = (async (): Promise<Ran> => {
    const [stdout, stderr] = ['', ''].map(() => [] as Buffer[]) as [Buffer[], Buffer[]];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  })();
  // It may be killed before it has read what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return { child, ended };
}

/** The whole answer of a command that has to succeed, parsed: `--json` prints one document and nothing else. */
function parsed<T>({ code, stdout, stderr }: Ran): T {
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A relay process and the homes of people on it, in a directory of their own. */
export class CliWorld {
  readonly directory: string;
  #relay: ChildProcess | null = null;
  #port = 0;
  url = '';

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<CliWorld> {
    const world = new CliWorld(await mkdtemp(join(tmpdir(), 'parley-cli-')));
    const init = await start(
      RELAY,
      [
        'init',
        '--data',
        world.#data,
        '--workspace',
        'Acme',
        '--owner',
        'ada@acme.test',
        '--owner-name',
        'Ada',
        '--password-stdin',
      ],
      'ada-has-a-password',
    ).ended;
    if (init.code !== 0) throw new Error(init.stderr);
    await world.startRelay();
    return world;
  }

  get #data(): string {
    return join(this.directory, 'relay');
  }

  home(name: string): string {
    return join(this.directory, name);
  }

  /** Serves on the port it had before, so that everyone finds it again. */
  async startRelay(): Promise<void> {
    const child = spawn(process.execPath, [RELAY, 'serve', '--data', this.#data, '--port', String(this.#port)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: ENVIRONMENT,
    });
    this.#relay = child;
    for await (const line of createInterface({ input: child.stdout })) {
      this.url = (JSON.parse(line) as { listening: string }).listening;
      this.#port = Number(new URL(this.url).port);
      return;
    }
    throw new Error('the relay ended before it listened');
  }

  async killRelay(): Promise<void> {
    const relay = this.#relay;
    if (!relay) return;
    this.#relay = null;
    const gone = once(relay, 'exit');
    relay.kill('SIGKILL');
    await gone;
  }

  /** Keeps the relay's sockets open and answers nothing, until `resumeRelay`. */
  pauseRelay(): void {
    this.#relay?.kill('SIGSTOP');
  }

  resumeRelay(): void {
    this.#relay?.kill('SIGCONT');
  }

  async addPerson(email: string, name: string): Promise<void> {
    const { code, stderr } = await start(
      RELAY,
      ['user', 'add', '--data', this.#data, '--email', email, '--name', name, '--password-stdin'],
      `${name}-has-a-password`,
    ).ended;
    if (code !== 0) throw new Error(stderr);
  }

  login(home: string, email: string, password: string): Promise<Ran> {
    return this.run(home, ['login', '--relay', this.url, '--email', email, '--password-stdin', '--json'], password);
  }

  start(home: string, args: readonly string[], input?: string): Running {
    return start(PARLEY, ['--home', this.home(home), ...args], input);
  }

  run(home: string, args: readonly string[], input?: string): Promise<Ran> {
    return this.start(home, args, input).ended;
  }

  async json<T>(home: string, ...args: readonly string[]): Promise<T> {
    return parsed<T>(await this.run(home, [...args, '--json']));
  }

  async close(): Promise<void> {
    this.resumeRelay();
    await this.killRelay();
    await rm(this.directory, { recursive: true, force: true });
    await rm(ENVIRONMENT.NODE_COMPILE_CACHE, { recursive: true, force: true });
  }
}
