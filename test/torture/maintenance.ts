import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Breach } from '@parley/sync/testing';
import { PASSWORD, type Person } from './cast.ts';
import type { History } from './history.ts';
import type { RelayNode } from './relay-node.ts';
import type { Tally } from './tally.ts';

export interface MaintenanceDeps {
  readonly relay: RelayNode;
  /** Backups are made here. */
  readonly directory: string;
  readonly history: History;
  readonly tally: Tally;
  breach(breach: Breach): void;
  /** The relay is down, and its log begins anew with what is about to be restored. */
  beforeRestore(): void;
}

/** What an operator does in the middle of everything, one thing at a time. */
export class Maintenance {
  readonly #deps: MaintenanceDeps;
  #backups = 0;
  #newest: string | null = null;
  #isBusy = false;

  constructor(deps: MaintenanceDeps) {
    this.#deps = deps;
    mkdirSync(deps.directory, { mode: 0o700 });
  }

  /** Copies what the relay has, whether it is served just now or not. */
  backUp(): Promise<void> {
    return this.#alone('backups', async () => {
      this.#backups += 1;
      const target = join(this.#deps.directory, String(this.#backups));
      if (await this.#command(['backup', target])) this.#newest = target;
    });
  }

  /** Puts the relay back to where the newest backup has it. */
  restore(): Promise<void> {
    const { relay, beforeRestore } = this.#deps;
    const backup = this.#newest;
    if (backup === null) return Promise.resolve();
    return this.#alone('restores', () =>
      relay.whileDown(async () => {
        beforeRestore();
        await this.#command(['restore', backup, '--replace']);
      }),
    );
  }

  /** Ends every session of somebody's, as giving them a new password does: it happens to be the old one. */
  async revoke({ email }: Person): Promise<void> {
    const { relay } = this.#deps;
    if (relay.isUp && relay.port !== null)
      // The serving relay carries this out, and may die of something else meanwhile.
      await this.#alone('revocations', () =>
        this.#command(['user', 'password', '--email', email, '--password-stdin'], { input: PASSWORD, mayFail: true }),
      );
  }

  async #alone(what: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#deps.history.note('operator', what);
    this.#deps.tally.count(what);
    await work();
    this.#isBusy = false;
  }

  /** Commands on the files work whatever state the relay is in. */
  async #command(args: readonly string[], { input = '', mayFail = false } = {}): Promise<boolean> {
    const { relay, history, breach } = this.#deps;
    const { ok, output } = await relay.command(args, input);
    history.note('operator', args.slice(0, 2).join(' '), { ok, output });
    if (!ok && !mayFail) breach({ invariant: 'relay', what: `${args.join(' ')}: ${output.slice(-500)}` });
    return ok;
  }
}
