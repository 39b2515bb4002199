import { activeUser } from '@parley/sync/core';
import {
  assertNever,
  atLeast,
  ChannelIdSchema,
  compileCheck,
  labelProblem,
  MAX_PERSON_NAME,
  must,
  type Role,
  RoleSchema,
  type WorkspaceId,
  WorkspaceIdSchema,
} from '@parley/sync/model';
import { Hono } from 'hono';
import Type, { type Static } from 'typebox';
import {
  DEFAULT_INVITATION_MS,
  type Invitation,
  MAX_INVITATION_CHANNELS,
  MAX_INVITATION_MS,
  MAX_INVITATION_USES,
} from '../../accounts/mod.ts';
import { acceptInvitation } from '../../relay/accept-invitation.ts';
import { mayBringInto } from '../../relay/people.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppDeps } from '../deps.ts';
import { invitationUrl } from '../invitation-url.ts';
import { bearerSession } from '../middleware/bearer-session.ts';
import { Problem } from '../problem.ts';
import { readBody } from '../read-body.ts';
import { DeviceBody, signedIn } from '../sign-in-answer.ts';
import { signInProblem } from './sign-in.ts';

const AcceptBody = Type.Object(
  {
    /** The invitation's token, or the whole link as it was sent. */
    token: Type.String({ minLength: 1, maxLength: 2_048 }),
    email: Type.String({ minLength: 1, maxLength: 1_000 }),
    password: Type.String({ minLength: 1, maxLength: 1_000 }),
    name: Type.Optional(Type.String({ maxLength: MAX_PERSON_NAME })),
    device: Type.Optional(DeviceBody),
  },
  { additionalProperties: false },
);
const isAccept = compileCheck<Static<typeof AcceptBody>>(AcceptBody);

const InvitationBody = Type.Object(
  {
    ws: WorkspaceIdSchema,
    role: Type.Optional(RoleSchema),
    channels: Type.Optional(Type.Array(ChannelIdSchema, { maxItems: MAX_INVITATION_CHANNELS })),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: MAX_INVITATION_MS })),
    maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_INVITATION_USES })),
  },
  { additionalProperties: false },
);
const isInvitationBody = compileCheck<Static<typeof InvitationBody>>(InvitationBody);

const tokenOf = (text: string): string => text.trim().replace(/\/+$/, '').split('/').at(-1) ?? '';

/** The same for a link that never was, that has run out, and whose inviter is gone. */
const gone = () => new Problem('not_found', 'This invitation is not valid, or no longer; ask for a new one.');

export function invitationRoutes(deps: AppDeps): Hono<AppEnv> {
  const { invitations, sessions, workspaces } = deps.services;
  const routes = new Hono<AppEnv>();

  const roomOf = (workspace: WorkspaceId) => {
    const room = deps.roomOf(workspace);
    if (!room) throw new Problem('unavailable', 'The relay is going down; try again in a moment.', 1_000);
    return room;
  };

  /** An invitation is worth no more than its inviter's standing is today. */
  const usable = (text: string): Invitation => {
    const invitation = invitations.byToken(tokenOf(text));
    if (!invitation) throw gone();
    if (invitation.inviter === null) return invitation;
    const inviter = activeUser(roomOf(invitation.workspace).view, invitation.inviter);
    if (!inviter || !mayInvite(inviter.role, invitation.role)) throw gone();
    return invitation;
  };

  routes.get('/v1/invite/:token', (c) => {
    const invitation = usable(c.req.param('token'));
    const registered = must(workspaces.byId(invitation.workspace), 'an invitation is to a workspace');
    const name = roomOf(invitation.workspace).view.get('workspace', 'workspace')?.name ?? registered.name;
    return c.json({ workspace: { name }, role: invitation.role, expiresAt: invitation.expiresAt });
  });

  routes.post('/v1/accept', async (c) => {
    const { token, email, password, name, device } = await readBody(c, isAccept);
    const label = name === undefined ? null : labelProblem('A name', name, MAX_PERSON_NAME);
    if (label) throw new Problem('malformed', label);
    const invitation = usable(token);
    const result = await acceptInvitation(
      { ...deps.services, env: deps.env, room: roomOf(invitation.workspace) },
      invitation,
      { email, password, name: name?.trim() ?? '' },
      { address: c.var.client.address },
    );
    if (result.ok) return c.json(signedIn(deps, result.account, device));
    switch (result.why) {
      case 'sign_in':
        throw signInProblem(result.result);
      case 'bad_email':
        throw new Problem('malformed', 'That is not an e-mail address.');
      case 'bad_password':
        throw new Problem('bad_password', result.detail);
      case 'used_up':
        throw gone();
      case 'refused':
        throw new Problem('conflict', result.reject.detail);
      default:
        return assertNever(result);
    }
  });

  routes.post('/v1/invitations', bearerSession({ sessions }), async (c) => {
    const body = await readBody(c, isInvitationBody);
    const user = workspaces.userOf(body.ws, c.var.session.account);
    const room = user === null ? null : deps.roomOf(body.ws);
    const person = room && user !== null ? activeUser(room.view, user) : null;
    if (!room || !person) throw new Problem('forbidden', 'You are not a person of this workspace.');
    const role = body.role ?? 'member';
    if (!atLeast(person.role, 'member')) throw new Problem('forbidden', 'Guests may not invite people.');
    if (!mayInvite(person.role, role)) throw new Problem('forbidden', `You may not invite somebody as ${role}.`);
    const channels = [...new Set(body.channels ?? [])];
    if (!channels.every((ch) => mayBringInto(room, person.id, ch)))
      throw new Problem('forbidden', 'You may not bring people into one of these channels.');
    const expiresAt = deps.env.now() + (body.expiresInMs ?? DEFAULT_INVITATION_MS);
    const made = invitations.create({
      workspace: body.ws,
      role,
      channels,
      inviter: person.id,
      expiresAt,
      maxUses: body.maxUses ?? 1,
    });
    if (!made)
      throw new Problem(
        'rate_limited',
        'You have too many open invitations; wait until some are used or run out.',
        60_000,
      );
    return c.json({ token: made.token, url: invitationUrl(deps.publicUrl(), made.token), role, channels, expiresAt });
  });
  return routes;
}

/** Members and above invite, up to their own role. */
const mayInvite = (inviter: Role, role: Role): boolean => atLeast(inviter, 'member') && atLeast(inviter, role);
