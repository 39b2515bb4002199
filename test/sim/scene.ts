import type { DeviceId, UserId } from '@parley/sync/model';
import type { History, Kernel, SimNode } from '@parley/sync/testing';
import type { Crowd } from './crowd.ts';

/** What all parts of the world share. */
export interface Scene {
  readonly kernel: Kernel;
  readonly history: History;
  readonly crowd: Crowd | null;
  /** Something that must never happen has happened. */
  breach(invariant: string, what: string): void;
  /** Who is behind a connection, as the edge would find out. */
  userOf(node: SimNode, token: string, device: DeviceId): UserId | null;
}
