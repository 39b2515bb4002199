import { compileCheck, must } from '@parley/sync/model';
import { Hono } from 'hono';
import Type, { type Static } from 'typebox';
import type { SignInResult } from '../../accounts/mod.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppDeps } from '../deps.ts';
import { bearerSession } from '../middleware/bearer-session.ts';
import { Problem } from '../problem.ts';
import { readBody } from '../read-body.ts';
import { DeviceBody, placesOf, signedIn } from '../sign-in-answer.ts';

const LoginBody = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: 1_000 }),
    password: Type.String({ minLength: 1, maxLength: 1_000 }),
    device: Type.Optional(DeviceBody),
  },
  { additionalProperties: false },
);
const isLogin = compileCheck<Static<typeof LoginBody>>(LoginBody);

/** What a failed sign-in is told, the same whether the address has an account or not. */
export function signInProblem({ code, retryAfterMs }: Extract<SignInResult, { ok: false }>): Problem {
  switch (code) {
    case 'bad_credentials':
      return new Problem('bad_credentials', 'The e-mail address or the password is wrong.');
    case 'rate_limited':
      return new Problem('rate_limited', 'Too many failed sign-ins; wait before you try again.', retryAfterMs);
    case 'busy':
      return new Problem('unavailable', 'Many people are signing in right now; try again in a moment.', retryAfterMs);
  }
}

/** Signing in and out, and what a session knows of itself. */
export function signInRoutes(deps: AppDeps): Hono<AppEnv> {
  const { accounts, devices, passwords, sessions } = deps.services;
  const routes = new Hono<AppEnv>();
  const authenticated = bearerSession({ sessions });

  routes.post('/v1/login', async (c) => {
    const { email, password, device } = await readBody(c, isLogin);
    const result = await passwords.signIn({ email, password }, { address: c.var.client.address });
    if (!result.ok) {
      deps.log.info({ client: c.var.client.address, code: result.code }, 'sign-in refused');
      throw signInProblem(result);
    }
    return c.json(signedIn(deps, result.account, device));
  });

  routes.post('/v1/logout', authenticated, (c) => {
    sessions.revoke(c.var.session.id);
    return c.json({ ok: true });
  });

  routes.get('/v1/session', authenticated, (c) => {
    const { session } = c.var;
    const account = must(accounts.byId(session.account), 'a session has an account');
    return c.json({
      account: { id: account.id, email: account.email },
      device: session.device,
      createdAt: session.createdAt,
      seenAt: session.seenAt,
      expiresAt: session.expiresAt,
      workspaces: placesOf(deps, account),
    });
  });

  // For a machine that finds it was cloned. It gets a session of its own as well, so that either can be revoked alone;
  // until it uses that, the shared one works with the new device too.
  routes.post('/v1/device', authenticated, (c) => {
    const { session } = c.var;
    const device = devices.create(session.account, must(devices.describe(session.device), 'a session has a device'));
    const { token, session: own } = sessions.open(session.account, device);
    return c.json({ device, token, expiresAt: own.expiresAt });
  });
  return routes;
}
