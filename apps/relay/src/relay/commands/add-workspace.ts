import { rmSync } from 'node:fs';
import {
  type ChannelId,
  compileCheck,
  labelProblem,
  MAX_PERSON_NAME,
  newId,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import { foundWorkspace, handleOf } from '../people.ts';
import type { Relay } from '../relay.ts';
import { RelayError } from '../relay-error.ts';
import type { Command } from './command.ts';
import { accountFor } from './operator-account.ts';

const Args = Type.Object(
  {
    workspace: Type.String({ minLength: 1, maxLength: 80 }),
    owner: Type.String({ minLength: 1, maxLength: 1_000 }),
    ownerName: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_PERSON_NAME })),
    password: Type.String({ minLength: 1, maxLength: 1_000 }),
    /** `init` wants a directory without a workspace. */
    first: Type.Boolean(),
  },
  { additionalProperties: false },
);

export interface AddedWorkspace {
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly owner: { readonly email: string; readonly user: UserId };
  readonly channel: { readonly id: ChannelId; readonly name: string };
}

/** Makes a workspace, its owner, and #general. */
export const addWorkspace: Command<Static<typeof Args>, AddedWorkspace> = {
  isArgs: compileCheck<Static<typeof Args>>(Args),
  async run(relay, { workspace, owner, ownerName, password, first }) {
    const { workspaces } = relay.services;
    const [existing] = workspaces.all();
    if (first && existing)
      throw new RelayError(
        `${relay.directory.path} holds the workspace "${existing.name}" already`,
        'choose another --data, or add a second workspace with `workspace add`',
      );
    if (workspaces.all().some(({ name }) => name === workspace))
      throw new RelayError(`there is a workspace "${workspace}" already`, 'choose another name');
    const problem =
      labelProblem('The name', workspace, 80) ?? labelProblem('The owner’s name', ownerName ?? '', MAX_PERSON_NAME);
    if (problem || workspace.trim() === '') throw new RelayError(problem ?? 'The name is empty', 'choose another name');
    const account = await accountFor(relay, owner, password);
    const id = newId<WorkspaceId>(relay.env.now(), (bytes) => relay.env.random(bytes));
    const founded = await foundWorkspace(relay.rooms.found(id), relay.env, {
      workspace,
      account,
      name: ownerName ?? handleOf(account.email),
    });
    if (!founded.ok) {
      discard(relay, id);
      throw new RelayError(`the workspace could not be made: ${founded.reject.detail}`, 'correct that and try again');
    }
    // Last, and in one go: a workspace counts as made only when its owner can enter it.
    workspaces.register({ id, name: workspace }, account.id, founded.user);
    return {
      workspace: { id, name: workspace },
      owner: { email: account.email, user: founded.user },
      channel: { id: founded.general, name: 'general' },
    };
  },
};

function discard(relay: Relay, id: WorkspaceId): void {
  relay.rooms.abandon(id);
  const file = relay.directory.workspace(id);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}
