import type { CommandName, OpId, SyncView, UserId, WorkspaceId } from '@parley/sync/model';

/** How a full disk is told by SQLite. */
export const FULL_DISK = 'database or disk is full';

/** What a process does when it passes the armed failpoint for the `times`-th time. */
export interface Arming {
  readonly at: string;
  readonly times: number;
  /** `fail`: what it was doing fails as on a full disk. */
  readonly does: 'kill' | 'stop' | 'fail';
}

/** The environment's variable that arms a process from its first moment on. */
export const ARMED = 'TORTURE_ARMED';

/** What the harness tells any process of its. */
export type Order = { readonly do: 'arm'; readonly arming: Arming } | { readonly do: 'disarm' };

/** What the harness tells a device's process, a line each. Those with an `id` are answered. */
export type DeviceOrder =
  | Order
  /** The person does what `seed` makes of what they have before their eyes. */
  | { readonly do: 'act'; readonly id: number; readonly seed: number }
  | { readonly do: 'call'; readonly id: number; readonly command: CommandName; readonly args: unknown }
  | { readonly do: 'look'; readonly id: number }
  | { readonly do: 'close' };

/** An op as it stands in an outbox. */
export interface Waiting {
  readonly op: OpId;
  readonly kind: string;
  readonly state: string;
}

/** How a device stands. */
export interface Look {
  readonly ws: WorkspaceId;
  readonly sync: Pick<SyncView, 'state' | 'queued' | 'failed' | 'fetching' | 'detail'>;
  /** Words of lost conversations are still being swept from the search index. */
  readonly sweeps: boolean;
  readonly outbox: readonly Waiting[];
  readonly people: readonly { readonly user: UserId; readonly role: string; readonly active: boolean }[];
}

/** What a process says, a line each, written before it goes on. */
export type Said =
  /** It passes a failpoint and does now what it was told. */
  | { readonly is: 'at'; readonly at: string; readonly does: Arming['does'] }
  /** The relay takes connections. */
  | { readonly is: 'listening'; readonly port: number }
  /** The engine is open. */
  | { readonly is: 'open' }
  /** A command is about to be carried out; `risked` are ops that it may take out of the outbox. */
  | {
      readonly is: 'invoked';
      readonly id: number;
      /** Whether it came to the person's mind; else the harness sees to something. */
      readonly own: boolean;
      readonly command: CommandName;
      readonly args: unknown;
      readonly risked: readonly OpId[];
    }
  /** It was carried out: what it put into the outbox and took out of it. */
  | {
      readonly is: 'returned';
      readonly id: number;
      readonly ok: true;
      readonly wrote: readonly Waiting[];
      readonly dropped: readonly OpId[];
      readonly result: unknown;
    }
  | { readonly is: 'returned'; readonly id: number; readonly ok: false; readonly code: string; readonly detail: string }
  /** There was nothing the person could do. */
  | { readonly is: 'idle'; readonly id: number }
  | { readonly is: 'looks'; readonly id: number; readonly look: Look | null }
  /** The engine's log. */
  | { readonly is: 'log'; readonly line: string };
