import type { WorkspaceId } from '@parley/sync/model';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.ts';
import type { AccountServices } from '../relay/account-services.ts';
import type { WorkspaceRoom } from '../relay/workspace-room.ts';
import type { RoomEnv } from '../room/env.ts';
import type { ClientAddress, RequestOrigin } from './client-address.ts';

/** What the HTTP side is made of; built apart from listening, so that tests ask it without a socket. */
export interface AppDeps {
  readonly env: RoomEnv;
  readonly log: Logger;
  readonly services: AccountServices;
  readonly metrics: Metrics;
  readonly limits: { readonly requestsPerMinute: number; readonly bootstraps: number };
  readonly metricsToken: string | null;
  roomOf(workspace: WorkspaceId): WorkspaceRoom | null;
  addressOf(origin: RequestOrigin): ClientAddress;
  /** Origin people reach this relay at. */
  publicUrl(): string;
  /** Whether it takes work: started, and not going down. */
  ready(): boolean;
}
