import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { networkOf } from '../accounts/mod.ts';
import type { AppEnv } from './app-env.ts';
import type { AppDeps } from './deps.ts';
import { accessLog } from './middleware/access-log.ts';
import { clientAddress } from './middleware/client-address.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { answerProblem, Problem } from './problem.ts';
import { bootstrapRoutes } from './routes/bootstrap.ts';
import { healthRoutes } from './routes/health.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { segmentRoutes } from './routes/segments.ts';
import { signInRoutes } from './routes/sign-in.ts';

/** The largest body is an invitation with fifty channels; messages travel by socket. */
const MAX_BODY_BYTES = 16_384;

/** The relay's HTTP side. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(requestId());
  app.use(accessLog({ log: deps.log, now: deps.env.now }));
  app.use(securityHeaders({ https: deps.publicUrl().startsWith('https:') }));
  app.use(clientAddress({ addressOf: deps.addressOf }));
  // A probe that is turned away would take a healthy relay out of service.
  app.route('/', healthRoutes(deps));
  app.use(
    rateLimit({
      perMinute: deps.limits.requestsPerMinute,
      now: deps.env.now,
      keyOf: (c) => networkOf(c.var.client.address),
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Problem('too_large', `A body has at most ${MAX_BODY_BYTES} bytes.`);
      },
    }),
  );
  app.route('/', signInRoutes(deps));
  app.route('/', invitationRoutes(deps));
  app.route('/', bootstrapRoutes(deps));
  app.route('/', segmentRoutes(deps));
  app.notFound((c) => answerProblem(c, new Problem('not_found', 'There is nothing here.')));
  app.onError((error, c) => {
    if (error instanceof Problem) return answerProblem(c, error);
    deps.log.error({ err: error, request: c.get('requestId') }, 'request failed');
    return answerProblem(c, new Problem('internal', 'Something went wrong here; it has been noted.'));
  });
  return app;
}
