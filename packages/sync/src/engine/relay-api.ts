import { hostname, platform } from 'node:os';
import Type, { type Static } from 'typebox';
import {
  type CommandFailure,
  compileCheck,
  type DeviceId,
  DeviceIdSchema,
  type Role,
  UserIdSchema,
  WorkspaceIdSchema,
} from '../model/mod.ts';
import { CommandError } from './client.ts';
import { reasonOf } from './relay-transport.ts';

const SignedInSchema = Type.Object({
  token: Type.String({ minLength: 20, maxLength: 256 }),
  device: DeviceIdSchema,
  workspaces: Type.Array(Type.Object({ id: WorkspaceIdSchema, name: Type.String(), user: UserIdSchema })),
});
/** What a relay answers to a sign-in. */
export type SignedIn = Static<typeof SignedInSchema>;
const isSignedIn = compileCheck<SignedIn>(SignedInSchema);
const isInvitation = compileCheck<{ url: string; expiresAt: number }>(
  Type.Object({ url: Type.String(), expiresAt: Type.Integer() }),
);
const isFailure = compileCheck<{ error: { code: string; detail: string } }>(
  Type.Object({ error: Type.Object({ code: Type.String(), detail: Type.String() }) }),
);

/** The relay as a person typed it, or why it can't be one. */
export function relayUrl(text: string): string {
  const withScheme = /^[a-z]+:\/\//i.test(text.trim()) ? text.trim() : `https://${text.trim()}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.password)
    throw new CommandError({
      code: 'bad_request',
      detail: 'That is not a relay’s address; it looks like https://chat.example.com.',
    });
  return url.origin;
}

async function post(relay: string, path: string, body: unknown, token?: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, relay), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new CommandError({ code: 'unreachable', detail: reasonOf(error) });
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const detail = isFailure(answer) ? answer.error.detail : `The relay answered with status ${response.status}.`;
  const code: CommandFailure['code'] =
    response.status === 401
      ? 'unauthenticated'
      : response.status === 403
        ? 'forbidden'
        : response.status === 429
          ? 'rate_limited'
          : 'bad_request';
  throw new CommandError({ code, detail });
}

function signedIn(answer: unknown): SignedIn {
  if (isSignedIn(answer)) return answer;
  throw new CommandError({
    code: 'internal',
    detail: 'The relay’s answer can’t be read; it may be of another version.',
  });
}

const device = () => ({ name: hostname().slice(0, 80) || 'computer', platform: platform() });

/** Signs in, as the device this one was before where it was one. */
export const login = async (relay: string, email: string, password: string, before?: DeviceId): Promise<SignedIn> =>
  signedIn(
    await post(relay, '/v1/login', { email, password, device: { ...device(), ...(before ? { id: before } : {}) } }),
  );

export const acceptInvitation = async (
  relay: string,
  args: { invite: string; email: string; name: string; password: string },
): Promise<SignedIn> =>
  signedIn(
    await post(relay, '/v1/accept', {
      token: args.invite,
      email: args.email,
      name: args.name,
      password: args.password,
      device: device(),
    }),
  );

export const logout = (relay: string, token: string): Promise<unknown> => post(relay, '/v1/logout', {}, token);

export async function createInvitation(
  relay: string,
  token: string,
  args: { ws: string; role: Role; channels: readonly string[] },
): Promise<{ url: string; expiresAt: number }> {
  const answer = await post(relay, '/v1/invitations', args, token);
  if (isInvitation(answer)) return { url: answer.url, expiresAt: answer.expiresAt };
  throw new CommandError({
    code: 'internal',
    detail: 'The relay’s answer can’t be read; it may be of another version.',
  });
}
