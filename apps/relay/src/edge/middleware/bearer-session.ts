import type { MiddlewareHandler } from 'hono';
import type { Session, Sessions } from '../../accounts/mod.ts';
import { Problem } from '../problem.ts';

export interface BearerSessionOptions {
  readonly sessions: Sessions;
}

/** What a route behind `bearerSession` finds in its context. */
export interface SessionVariables {
  session: Session;
}

/** Lets a request pass whose `Authorization: Bearer` token opens a living session. */
export const bearerSession = ({ sessions }: BearerSessionOptions): MiddlewareHandler<{ Variables: SessionVariables }> =>
  async function bearerSession(c, next) {
    const token = /^Bearer ([A-Za-z0-9_-]{1,256})$/i.exec(c.req.header('Authorization') ?? '')?.[1];
    const session = token === undefined ? null : sessions.resolve(token);
    if (!session) {
      c.header('WWW-Authenticate', 'Bearer');
      throw new Problem('unauthenticated', 'Sign in first: the session is missing, revoked or expired.');
    }
    c.set('session', session);
    await next();
  };
