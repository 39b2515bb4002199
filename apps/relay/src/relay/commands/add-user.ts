import {
  compileCheck,
  labelProblem,
  MAX_PERSON_NAME,
  must,
  type Role,
  RoleSchema,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import { addPerson, claimPerson } from '../people.ts';
import { RelayError } from '../relay-error.ts';
import type { Command } from './command.ts';
import { findWorkspace } from './find-workspace.ts';
import { accountFor } from './operator-account.ts';

const Args = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: 1_000 }),
    name: Type.String({ minLength: 1, maxLength: MAX_PERSON_NAME }),
    role: Type.Optional(RoleSchema),
    claim: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    workspace: Type.Optional(Type.String()),
    password: Type.String({ minLength: 1, maxLength: 1_000 }),
  },
  { additionalProperties: false },
);

export interface AddedUser {
  readonly user: {
    readonly id: UserId;
    readonly name: string;
    readonly handle: string;
    readonly email: string;
    readonly role: Role;
  };
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly claimed: boolean;
}

/** Gives somebody a sign-in: as a new person of the workspace, or as one an import brought. */
export const addUser: Command<Static<typeof Args>, AddedUser> = {
  isArgs: compileCheck<Static<typeof Args>>(Args),
  async run(relay, args) {
    const { workspace, room } = findWorkspace(relay, args.workspace);
    const label = labelProblem('A name', args.name, MAX_PERSON_NAME);
    if (label) throw new RelayError(label.replace(/\.$/, ''), 'choose another --name');
    const account = await accountFor(relay, args.email, args.password);
    if (relay.services.workspaces.userOf(workspace.id, account.id))
      throw new RelayError(
        `${account.email} is in the workspace "${workspace.name}" already`,
        'nothing needs to be done',
      );
    const result =
      args.claim === undefined
        ? await addPerson(room, relay.env, { account, name: args.name, role: args.role ?? 'member' })
        : await claimPerson(room, relay.env, {
            account,
            username: args.claim,
            name: args.name,
            role: args.role ?? null,
          });
    if (!result.ok)
      throw new RelayError(
        result.reject.detail.replace(/\.$/, ''),
        args.claim === undefined ? 'correct that and try again' : '`user list` shows who can be claimed',
      );
    relay.services.workspaces.admit(workspace.id, account.id, result.user);
    const row = must(room.view.get('user', result.user), 'who was added is there');
    return {
      user: { id: row.id, name: row.name, handle: row.handle, email: account.email, role: row.role },
      workspace,
      claimed: args.claim !== undefined,
    };
  },
};
