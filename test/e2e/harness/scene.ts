import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { expect, onTestFailed } from 'vitest';
import { launchBrowser } from './browser.ts';
import { Line } from './line.ts';
import { BUILD, PARLEY, Program } from './program.ts';
import { type Account, accountOf, Relay } from './relay.ts';
import { Shell } from './shell.ts';
import { Window, type WindowSize } from './window.ts';

/** Generous, for two slow cores carry a relay, two engines and a browser. */
export const PATIENCE = { timeout: 20_000 };

/** Somebody with a home, a shell on it and a window. */
export interface Person {
  readonly account: Account;
  readonly home: string;
  readonly shell: Shell;
  readonly window: Window;
  /** Only theirs; cutting it takes them off the relay. */
  readonly line: Line;
}

export interface SceneOptions {
  /** A Slack export to begin with. */
  readonly archive?: Buffer;
  readonly workspace?: string;
  /** Who owns the workspace; Ada unless said otherwise. */
  readonly owner?: string;
  readonly size?: WindowSize;
}

const OWNER = 'Ada';

/** What has to be ended, newest first, also where opening the next failed. */
class Opened {
  readonly #ends: (() => Promise<unknown>)[] = [];

  add(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** A relay, people and their windows, as real processes in a directory of their own. */
export class Scene {
  readonly relay: Relay;
  readonly people: Person[] = [];
  readonly #dir: string;
  readonly #owner: string;
  readonly #browser: Browser;
  readonly #size: WindowSize | undefined;
  readonly #opened: Opened;

  private constructor(dir: string, relay: Relay, browser: Browser, opened: Opened, options: SceneOptions) {
    this.#dir = dir;
    this.relay = relay;
    this.#browser = browser;
    this.#opened = opened;
    this.#owner = options.owner ?? OWNER;
    this.#size = options.size;
  }

  static async open(options: SceneOptions = {}): Promise<Scene> {
    const opened = new Opened();
    try {
      const dir = await mkdtemp(join(tmpdir(), 'parley-e2e-'));
      opened.add(() => rm(dir, { recursive: true, force: true }));
      const cache = join(dir, 'code');
      await new Program(BUILD, ['renderer'], { cache }).result();
      const { archive, workspace = 'Harbour', owner = OWNER } = options;
      const relay = await Relay.open(join(dir, 'relay'), cache, workspace, accountOf(owner));
      if (archive) await relay.importSlack(archive);
      opened.add(() => relay.stop());
      await relay.start();
      const browser = await launchBrowser();
      opened.add(() => browser.close());
      return new Scene(dir, relay, browser, opened, options);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  get #cache(): string {
    return join(this.#dir, 'code');
  }

  /** Somebody new, at the sign-in of a window of theirs. */
  async arrive(name: string, claim?: string): Promise<Person> {
    const account = accountOf(name);
    if (name !== this.#owner) await this.relay.addPerson(account, claim);
    const home = join(this.#dir, account.email);
    const line = await Line.open(() => this.relay.port);
    this.#opened.add(() => line.close());
    const shell = new Shell(home, this.#cache);
    this.#opened.add(() => shell.stop());
    await shell.start();
    const window = await Window.open(this.#browser, this.#size);
    const person = { account, home, shell, window, line };
    this.people.push(person);
    await window.page.goto(shell.address);
    return person;
  }

  /** Somebody new, signed in and up to date. */
  async join(name: string, claim?: string): Promise<Person> {
    const person = await this.arrive(name, claim);
    await person.window.signIn(person.line.url, person.account);
    await person.window.stands('Synced');
    return person;
  }

  /** Another browser window at the same shell would need a ticket of its own; this one has none. */
  stranger(): Promise<Window> {
    return Window.open(this.#browser);
  }

  /** A command of a person's, from their terminal, while their window is open. */
  async command({ home }: Person, ...args: readonly string[]): Promise<string> {
    return new Program(PARLEY, ['--home', home, ...args], { cache: this.#cache }).result();
  }

  /** Nothing may have ended up in anyone's console. */
  expectQuietConsoles(): void {
    for (const { account, window } of this.people)
      expect(window.takeErrors(), `console of ${account.name}`).toEqual([]);
  }

  /** What there is to know of a test that failed. */
  explainFailure(): void {
    onTestFailed(async () => {
      const screens = this.people.map(async ({ account, shell, window }) => {
        const screen = await window.page.locator('body').ariaSnapshot().catch(String);
        return `── ${account.name}\n${screen}\n${shell.log}`;
      });
      process.stderr.write([...(await Promise.all(screens)), '── relay', this.relay.log, ''].join('\n'));
    });
  }

  close(): Promise<void> {
    return this.#opened.close();
  }
}
