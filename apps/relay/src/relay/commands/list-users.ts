import type { UserId } from '@parley/sync/model';
import { compileCheck } from '@parley/sync/model';
import { selectAll } from '@parley/sync/replica';
import Type, { type Static } from 'typebox';
import type { Command } from './command.ts';
import { findWorkspace } from './find-workspace.ts';

const Args = Type.Object({ workspace: Type.Optional(Type.String()) }, { additionalProperties: false });

export interface ListedUser {
  readonly id: UserId;
  readonly handle: string;
  readonly name: string;
  readonly role: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly bot: boolean;
  /** Whether somebody can sign in as them; others can be claimed. */
  readonly signIn: boolean;
}

export interface UserList {
  readonly workspace: { readonly id: string; readonly name: string };
  readonly users: readonly ListedUser[];
}

/** Who is in a workspace. */
export const listUsers: Command<Static<typeof Args>, UserList> = {
  isArgs: compileCheck(Args),
  async run(relay, args) {
    const { workspace, room } = findWorkspace(relay, args.workspace);
    const signIns = relay.services.workspaces.signIns(workspace.id);
    type Row = readonly [UserId, string, string, string, string | null, number, number];
    const rows = selectAll<Row>(
      room.db,
      'SELECT id, handle, name, role, email, active, bot FROM user ORDER BY handle, id',
    )([]);
    return {
      workspace,
      users: rows.map(([id, handle, name, role, email, active, bot]) => ({
        id,
        handle,
        name,
        role,
        email: signIns.get(id) ?? email,
        active: active === 1,
        bot: bot === 1,
        signIn: signIns.has(id),
      })),
    };
  },
};
