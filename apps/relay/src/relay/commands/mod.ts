import { addUser } from './add-user.ts';
import { addWorkspace } from './add-workspace.ts';
import type { Command } from './command.ts';
import { createInvitation } from './create-invitation.ts';
import { importFromSlack } from './import-from-slack.ts';
import { listUsers } from './list-users.ts';
import { setPassword } from './set-password.ts';

/** What an operator can do to a data directory, by the name it has on the admin socket. */
export const COMMANDS = {
  'workspace.add': addWorkspace,
  'user.add': addUser,
  'user.list': listUsers,
  'user.password': setPassword,
  'invite.create': createInvitation,
  'import.slack': importFromSlack,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type ArgsOf<N extends CommandName> = (typeof COMMANDS)[N] extends Command<infer Args, unknown> ? Args : never;
export type ResultOf<N extends CommandName> = Awaited<ReturnType<(typeof COMMANDS)[N]['run']>>;
