import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import type { UserId, WorkspaceId } from '@parley/sync/model';
import { selectOne } from '@parley/sync/replica';
import type { Logger } from 'pino';
import { syncDirectory } from '../backup/manifest.ts';
import { accountFor } from '../relay/commands/operator-account.ts';
import { isInitialised, layoutOf, openDataDirectory } from '../relay/data-directory.ts';
import { Relay } from '../relay/relay.ts';
import { RelayError } from '../relay/relay-error.ts';
import type { RoomEnv } from '../room/env.ts';
import { beginEpoch, type DatabaseKey, openWorkspaceFile } from '../storage/mod.ts';
import { type Losses, mergeCopies } from './merge.ts';
import { type Copy, openCopies } from './read-copies.ts';

export interface RebuildOptions {
  /** The data directory to make. */
  readonly data: string;
  readonly from: readonly string[];
  readonly owner: string;
  readonly password: string;
  /** The lost relay's `secret.key`, where it was saved: with it devices can give back facts that others wrote. */
  readonly secret: string | null;
  readonly key: DatabaseKey;
  readonly env: RoomEnv;
  readonly log: Logger;
  readonly report: (line: string) => void;
}

export interface Rebuilt {
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly owner: { readonly email: string; readonly user: UserId };
  readonly messages: number;
  readonly conversations: number;
  readonly lost: Losses;
}

/** Makes a relay's data directory from copies of replicas, where neither the directory nor a backup is left. */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { data, env, report } = options;
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new RelayError(
      isInitialised(layoutOf(data)) ? `${data} is a relay's data directory already` : `${data} is not empty`,
      'name a new directory with --data',
    );
  const copies = openCopies(options.from);
  const [first] = copies;
  if (!first) throw new RelayError('no copy is named', 'name at least one with --from');
  const directory = openDataDirectory(data);
  try {
    if (options.secret !== null) copyFileSync(options.secret, directory.secretKey);
    const file = openWorkspaceFile(directory.workspace(first.workspace), options.key);
    let lost: Losses;
    let counted: readonly [name: string, messages: number, conversations: number];
    try {
      lost = mergeCopies(file, copies);
      const handleOf = selectOne<readonly [string]>(file, 'SELECT handle FROM user WHERE id = ?');
      for (const { path, user } of copies) report(`took in ${path}, a replica of @${handleOf([user])?.[0] ?? user}`);
      beginEpoch(file, (bytes) => env.random(bytes));
      counted = selectOne<readonly [string, number, number]>(
        file,
        `SELECT ifnull((SELECT name FROM workspace), ''), (SELECT count(*) FROM message), (SELECT count(*) FROM channel)`,
      )([]) ?? ['', 0, 0];
    } finally {
      file.close();
    }
    const [name, messages, conversations] = counted;
    const owner = await register(options, directory, first, name);
    syncDirectory(directory.path);
    return { workspace: { id: first.workspace, name }, owner, messages, conversations, lost };
  } catch (error) {
    rmSync(directory.path, { recursive: true, force: true });
    throw error;
  } finally {
    for (const { db } of copies) db.close();
  }
}

/** Enters the workspace with its owner, who has to be one by the copies. */
async function register(
  { owner, password, key, env, log }: RebuildOptions,
  directory: ReturnType<typeof openDataDirectory>,
  { workspace }: Copy,
  name: string,
): Promise<Rebuilt['owner']> {
  const relay = Relay.open({ directory, env, log, key });
  if (!relay) throw new RelayError(`another process holds ${directory.path}`, 'stop it first');
  try {
    const account = await accountFor(relay, owner, password);
    const room = relay.rooms.found(workspace);
    const person = room.view
      .find('user', 'by_email', [account.email])
      .find(({ active, role }) => active === 1 && role === 'owner');
    if (!person)
      throw new RelayError(
        `no owner of the workspace has the address ${account.email}`,
        'name an owner with --owner, with the address the copies have',
      );
    relay.services.workspaces.register({ id: workspace, name }, account.id, person.id);
    return { email: account.email, user: person.id };
  } finally {
    relay.close();
  }
}
