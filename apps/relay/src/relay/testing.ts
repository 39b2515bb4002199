import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelId, UserId, WorkspaceId } from '@parley/sync/model';
import { pino } from 'pino';
import { createApp } from '../edge/app.ts';
import { clientAddressFinder } from '../edge/client-address.ts';
import type { RoomEnv } from '../room/env.ts';
import { nodeEnv } from '../room/node-env.ts';
import type { DatabaseKey } from '../storage/mod.ts';
import { addUser } from './commands/add-user.ts';
import { addWorkspace } from './commands/add-workspace.ts';
import { openDataDirectory } from './data-directory.ts';
import { Relay } from './relay.ts';

export const PASSWORD = 'correct horse battery';
export const OWNER = 'ada@example.org';

/** The machine's time with an offset a test moves by hand; timers and turns are real. */
export function movableEnv(): RoomEnv & { advance(ms: number): void } {
  let offset = 0;
  return {
    ...nodeEnv,
    now: () => Date.now() + offset,
    advance: (ms) => {
      offset += ms;
    },
  };
}

export interface TestRelay {
  readonly relay: Relay;
  readonly env: ReturnType<typeof movableEnv>;
  readonly path: string;
  readonly workspace: WorkspaceId;
  readonly owner: UserId;
  readonly general: ChannelId;
  addUser(args: {
    email: string;
    name: string;
    role?: 'owner' | 'admin' | 'member' | 'guest';
    claim?: string;
  }): Promise<UserId>;
  remove(): void;
}

const noReport = () => {};

/** A relay with a workspace "Analytical" owned by Ada, in a directory of its own. */
export async function testRelay(
  log = pino({ level: 'silent' }),
  key: DatabaseKey = null,
  segmentsFrom: number | null = null,
): Promise<TestRelay> {
  const path = mkdtempSync(join(tmpdir(), 'parley-relay-'));
  const env = movableEnv();
  const relay = Relay.open({ directory: openDataDirectory(path), env, log, key, segmentsFrom });
  if (!relay) throw new Error('the fresh directory is locked');
  const { signal } = new AbortController();
  const made = await addWorkspace.run(
    relay,
    { workspace: 'Analytical', owner: OWNER, ownerName: 'Ada Lovelace', password: PASSWORD, first: true },
    noReport,
    signal,
  );
  return {
    relay,
    env,
    path,
    workspace: made.workspace.id,
    owner: made.owner.user,
    general: made.channel.id,
    addUser: async (args) => (await addUser.run(relay, { ...args, password: PASSWORD }, noReport, signal)).user.id,
    remove() {
      relay.close();
      rmSync(path, { recursive: true });
    },
  };
}

export interface TestAppOptions {
  readonly metricsToken?: string;
  readonly requestsPerMinute?: number;
  readonly bootstraps?: number;
  readonly trustProxy?: readonly string[];
  readonly publicUrl?: string;
  readonly ready?: () => boolean;
}

/** The app over a test's relay, and a way to ask it from a client address. */
export function testApp({ relay }: TestRelay, options: TestAppOptions = {}) {
  const app = createApp({
    env: relay.env,
    log: relay.log,
    services: relay.services,
    metrics: relay.metrics,
    limits: { requestsPerMinute: options.requestsPerMinute ?? 10_000, bootstraps: options.bootstraps ?? 16 },
    metricsToken: options.metricsToken ?? null,
    roomOf: (workspace) => relay.rooms.get(workspace),
    addressOf: clientAddressFinder(options.trustProxy ?? []),
    publicUrl: () => options.publicUrl ?? 'http://relay.test',
    ready: options.ready ?? (() => true),
  });
  const ask = (path: string, init: RequestInit = {}, peer = '192.0.2.1'): Promise<Response> =>
    Promise.resolve(
      app.request(path, init, {
        incoming: { socket: { remoteAddress: peer }, headers: Object.fromEntries(new Headers(init.headers)) },
      }),
    );
  const post = (path: string, body: unknown, token?: string, peer?: string): Promise<Response> =>
    ask(
      path,
      {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      },
      peer,
    );
  const get = (path: string, token?: string, headers: Record<string, string> = {}): Promise<Response> =>
    ask(path, { headers: { ...headers, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) } });
  const signIn = async (
    email = OWNER,
  ): Promise<{ token: string; device: string; workspaces: { id: string; name: string; user: string }[] }> => {
    const response = await post('/v1/login', { email, password: PASSWORD });
    if (response.status !== 200) throw new Error(`sign-in: ${await response.text()}`);
    return (await response.json()) as Awaited<ReturnType<typeof signIn>>;
  };
  return { app, ask, post, get, signIn };
}
