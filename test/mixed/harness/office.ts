import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelId, UserId, WorkspaceId } from '@parley/sync/model';
import { emailOf, PASSWORD } from '../../releases/doors.ts';
import type { Person } from './person.ts';
import { type Build, Program } from './program.ts';
import { Tap } from './tap.ts';

/** A relay whose build can be exchanged, taps that lead to it, and a place for everything a test makes. */
export class Office {
  readonly directory = mkdtempSync(join(tmpdir(), 'parley-mixed-'));
  readonly data: string;
  workspace = '' as WorkspaceId;
  general = '' as ChannelId;
  readonly people = new Map<string, UserId>();
  readonly #taps: Tap[] = [];
  readonly #persons: Person[] = [];
  #relay: Program | null = null;
  #url = '';

  constructor(data?: (directory: string) => string) {
    this.data = data ? data(join(this.directory, 'relay')) : join(this.directory, 'relay');
  }

  /** Makes a workspace of Ann, its owner, Bob and Cleo, by this build, and serves it. */
  async found(build: Build): Promise<void> {
    const relay = await Program.start(build);
    const made = (await relay.ask({
      do: 'command',
      data: this.data,
      name: 'workspace.add',
      args: { workspace: 'Acme', owner: emailOf('ann'), ownerName: 'Ann', password: PASSWORD, first: true },
    })) as { workspace: { id: WorkspaceId }; owner: { user: UserId }; channel: { id: ChannelId } };
    this.workspace = made.workspace.id;
    this.general = made.channel.id;
    this.people.set('ann', made.owner.user);
    for (const name of ['bob', 'cleo']) {
      const args = { email: emailOf(name), name, password: PASSWORD };
      const added = await relay.ask({ do: 'command', data: this.data, name: 'user.add', args });
      this.people.set(name, (added as { user: { id: UserId } }).user.id);
    }
    await this.#take(relay);
  }

  /** Serves the directory by a relay of this build, after the one before has stopped. */
  async serve(build: Build): Promise<void> {
    await this.stop();
    await this.#take(await Program.start(build));
  }

  async stop(): Promise<void> {
    this.#lead('');
    await this.#relay?.close();
    this.#relay = null;
  }

  async tap(): Promise<Tap> {
    const tap = await Tap.open();
    this.#taps.push(tap);
    tap.lead(this.#url);
    return tap;
  }

  home(name: string): string {
    return join(this.directory, name);
  }

  /** Closes the person's engine with everything else. */
  async with(person: Promise<Person>): Promise<Person> {
    const here = await person;
    this.#persons.push(here);
    return here;
  }

  async close(): Promise<void> {
    for (const person of this.#persons) await person.close();
    await this.stop();
    for (const tap of this.#taps) await tap.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #take(relay: Program): Promise<void> {
    this.#relay = relay;
    // From here on it is closed with the office, also where it does not come up.
    this.#lead((await relay.ask({ do: 'serve', data: this.data })) as string);
  }

  #lead(url: string): void {
    this.#url = url;
    for (const tap of this.#taps) tap.lead(url);
  }
}
