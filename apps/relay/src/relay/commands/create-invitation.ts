import { type ChannelId, compileCheck, must, type Role, RoleSchema, type WorkspaceId } from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import {
  DEFAULT_INVITATION_MS,
  MAX_INVITATION_CHANNELS,
  MAX_INVITATION_MS,
  MAX_INVITATION_USES,
} from '../../accounts/mod.ts';
import { invitationUrl } from '../../edge/invitation-url.ts';
import { RelayError } from '../relay-error.ts';
import type { WorkspaceRoom } from '../workspace-room.ts';
import type { Command } from './command.ts';
import { findWorkspace } from './find-workspace.ts';

const Args = Type.Object(
  {
    workspace: Type.Optional(Type.String()),
    role: RoleSchema,
    /** Names of public or private channels, with or without `#`. */
    channels: Type.Array(Type.String(), { maxItems: MAX_INVITATION_CHANNELS }),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: MAX_INVITATION_MS })),
    maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_INVITATION_USES })),
  },
  { additionalProperties: false },
);

export interface CreatedInvitation {
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly token: string;
  /** Null where nobody serves the directory and no setting names its public address. */
  readonly url: string | null;
  readonly role: Role;
  readonly channels: readonly ChannelId[];
  readonly expiresAt: number;
  readonly maxUses: number;
}

/** Makes a link by which somebody joins. */
export const createInvitation: Command<Static<typeof Args>, CreatedInvitation> = {
  isArgs: compileCheck<Static<typeof Args>>(Args),
  async run(relay, args) {
    const { workspace, room } = findWorkspace(relay, args.workspace);
    const channels = args.channels.map((name) => channelNamed(room, name));
    const expiresAt = relay.env.now() + (args.expiresInMs ?? DEFAULT_INVITATION_MS);
    const maxUses = args.maxUses ?? 1;
    const made = must(
      relay.services.invitations.create({
        workspace: workspace.id,
        role: args.role,
        channels,
        inviter: null,
        expiresAt,
        maxUses,
      }),
      'the operator may have any number of invitations',
    );
    return {
      workspace,
      token: made.token,
      url: relay.publicUrl === null ? null : invitationUrl(relay.publicUrl, made.token),
      role: args.role,
      channels,
      expiresAt,
      maxUses,
    };
  },
};

function channelNamed(room: WorkspaceRoom, text: string): ChannelId {
  const name = text.replace(/^#/, '');
  const found = room.view
    .find('channel', 'by_name', [name])
    .filter((row) => !row.deleted && !row.archived && row.kind !== 'dm' && row.kind !== 'group');
  const [row, other] = found;
  if (!row) throw new RelayError(`there is no channel #${name}`, 'name an open channel with --channel');
  if (other) throw new RelayError(`several channels are called #${name}`, 'rename one of them first');
  return row.ch;
}
