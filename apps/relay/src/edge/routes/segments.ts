import { Readable } from 'node:stream';
import { activeUser, seesPublic } from '@parley/sync/core';
import { compileCheck, type UserId, type WorkspaceId, WorkspaceIdSchema } from '@parley/sync/model';
import { type Context, Hono } from 'hono';
import type { WorkspaceRoom } from '../../relay/workspace-room.ts';
import { byteRange, type SegmentRecord } from '../../segments/mod.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppDeps } from '../deps.ts';
import { bearerSession, type SessionVariables } from '../middleware/bearer-session.ts';
import { Problem } from '../problem.ts';
import { segmentStream } from '../segment-stream.ts';
import { Tally } from '../socket/tally.ts';

const isWorkspaceId = compileCheck<WorkspaceId>(WorkspaceIdSchema);
/** Parts one account fetches at once: two for each of two devices. */
const PARTS_PER_ACCOUNT = 4;
/** A part of a segment holds a file open and a core for some milliseconds; a bootstrap is the heavier one. */
const PARTS_PER_BOOTSTRAP = 2;
const BUSY_RETRY_MS = 2_000;

type Route = Context<AppEnv & { Variables: SessionVariables }>;

/** What a device that holds nothing yet fetches in bulk: the public conversations, as a file that is a replica already. */
export function segmentRoutes(deps: AppDeps): Hono<AppEnv> {
  const { sessions, workspaces } = deps.services;
  const routes = new Hono<AppEnv>();
  const perAccount = new Tally(PARTS_PER_ACCOUNT);
  const overall = new Tally(deps.limits.bootstraps * PARTS_PER_BOOTSTRAP);

  const admit = (account: string): (() => void) => {
    if (!perAccount.take(account))
      throw new Problem('rate_limited', 'Your devices are fetching this already.', BUSY_RETRY_MS);
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

  /** Everything in a segment is visible to whoever sees public conversations, and to nobody else (S18). */
  const mayRead = (room: WorkspaceRoom, user: UserId): boolean => {
    const person = activeUser(room.view, user);
    return person !== null && seesPublic(person.role);
  };

  const roomFor = (c: Route): { room: WorkspaceRoom; user: UserId; account: string } => {
    const ws = c.req.query('ws');
    if (!isWorkspaceId(ws)) throw new Problem('malformed', 'Name the workspace: ?ws=ID.');
    const { account } = c.var.session;
    const user = workspaces.userOf(ws, account);
    const room = user === null ? null : deps.roomOf(ws);
    if (user === null || !room || !mayRead(room, user))
      throw new Problem('forbidden', 'You are not a full member of this workspace.');
    return { room, user, account };
  };

  routes.get('/v1/segments', bearerSession({ sessions }), (c) => {
    const { room } = roomFor(c);
    c.header('Cache-Control', 'no-store');
    const offer = room.segments?.offer() ?? ({ is: 'none' } as const);
    switch (offer.is) {
      case 'ready':
        return c.json(manifestOf(offer.segment.record));
      case 'building':
        return c.json({ retryAfterMs: offer.retryAfterMs }, 202);
      case 'none':
        throw new Problem('not_found', 'There is no segment of this workspace; fetch its rows.');
    }
  });

  routes.get('/v1/segments/:id', bearerSession({ sessions }), async (c) => {
    const { room, user, account } = roomFor(c);
    // Looked up among what there is, never in the file system.
    const segment = room.segments?.open(c.req.param('id'));
    if (!segment) throw new Problem('gone', 'This segment is no longer kept; ask for the present one.');
    const { id, bytes } = segment.record;
    const etag = `"${id}"`;
    c.header('Accept-Ranges', 'bytes');
    c.header('Cache-Control', 'no-store');
    c.header('ETag', etag);
    const condition = c.req.header('If-Range');
    const range = byteRange(condition === undefined || condition === etag ? c.req.header('Range') : undefined, bytes);
    if (range.is === 'unsatisfiable') {
      c.header('Content-Range', `bytes */${bytes}`);
      return c.body(null, 416);
    }
    const { from, to } = range.is === 'part' ? range : { from: 0, to: bytes - 1 };
    const release = admit(account);
    const stream = await segmentStream({ segment, from, to, mayRead: () => mayRead(room, user) }, deps.env, release);
    stream.on('error', (error) => deps.log.warn({ err: error, request: c.get('requestId') }, 'segment cut short'));
    c.header('Content-Type', 'application/octet-stream');
    c.header('Content-Length', String(to + 1 - from));
    if (range.is === 'part') c.header('Content-Range', `bytes ${from}-${to}/${bytes}`);
    return c.body(Readable.toWeb(stream) as ReadableStream, range.is === 'part' ? 206 : 200);
  });
  return routes;
}

/** What a device needs to fetch a segment, check it and open it. */
const manifestOf = ({ id, layout, cipher, epoch, messages, bytes, chunkBytes, chunks, key }: SegmentRecord) => ({
  segment: 1,
  id,
  layout,
  cipher,
  epoch,
  messages,
  bytes,
  chunkBytes,
  chunks,
  key: Buffer.from(key, 'hex').toString('base64url'),
});
