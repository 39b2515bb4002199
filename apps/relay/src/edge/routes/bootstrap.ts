import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { activeUser } from '@parley/sync/core';
import { compileCheck, type WorkspaceId, WorkspaceIdSchema } from '@parley/sync/model';
import { Hono } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { bootstrapStream } from '../bootstrap-stream.ts';
import type { AppDeps } from '../deps.ts';
import { bearerSession } from '../middleware/bearer-session.ts';
import { Problem } from '../problem.ts';
import { Tally } from '../socket/tally.ts';

const isWorkspaceId = compileCheck<WorkspaceId>(WorkspaceIdSchema);
/** A machine that is set up, another, and one of them asking again. */
const BOOTSTRAPS_PER_ACCOUNT = 3;
/** About what a small workspace takes. */
const BUSY_RETRY_MS = 3_000;
/** The fastest level: most of what can be saved, for the least of the relay's cores. */
const GZIP_LEVEL = 1;

/** Whether the header names gzip without refusing it (`q=0`). */
const acceptsGzip = (header = ''): boolean =>
  header.split(',').some((offer) => {
    const [coding = '', ...parameters] = offer.split(';').map((part) => part.trim().toLowerCase());
    return (coding === 'gzip' || coding === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

/** Everything a person may see of a workspace, for a device that holds nothing of it yet. */
export function bootstrapRoutes(deps: AppDeps): Hono<AppEnv> {
  const { sessions, workspaces } = deps.services;
  const routes = new Hono<AppEnv>();
  const perAccount = new Tally(BOOTSTRAPS_PER_ACCOUNT);
  const overall = new Tally(deps.limits.bootstraps);

  const admit = (account: string): (() => void) => {
    if (!perAccount.take(account))
      throw new Problem('rate_limited', 'Your devices are fetching a copy already.', BUSY_RETRY_MS);
    if (!overall.take('all')) {
      perAccount.release(account);
      throw new Problem('unavailable', 'Many devices are being set up; try again in a moment.', BUSY_RETRY_MS);
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      perAccount.release(account);
      overall.release('all');
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
    const rows = room.bootstrap(user);
    if (!rows) throw new Problem('unavailable', 'The relay is going down; try again in a moment.', BUSY_RETRY_MS);
    const release = admit(account);
    const plain = bootstrapStream(rows, deps.env, release);
    plain.on('close', release);
    c.header('Content-Type', 'application/x-ndjson');
    c.header('Vary', 'Accept-Encoding');
    // A failure on the way leaves the answer without its last line; who reads it sees that it is not whole.
    const failed = (error: Error | null | undefined) => {
      if (error) deps.log.warn({ err: error, request: c.get('requestId') }, 'bootstrap cut short');
    };
    if (!acceptsGzip(c.req.header('Accept-Encoding'))) {
      plain.on('error', failed);
      return c.body(Readable.toWeb(plain) as ReadableStream);
    }
    c.header('Content-Encoding', 'gzip');
    const packed = pipeline(plain, createGzip({ level: GZIP_LEVEL }), failed);
    return c.body(Readable.toWeb(packed) as ReadableStream);
  });
  return routes;
}
