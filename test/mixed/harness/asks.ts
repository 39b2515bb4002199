import type { relayCommand } from '@parley/relay';
import type { CommandName, Intent, QueryName, WorkspaceId } from '@parley/sync/model';

/** What the test's process asks a child to do. `id` is the asker's. */
export type Ask = { readonly id: number } & Wish;

export type Wish =
  /** `relay` is where to look for every workspace's relay, null for where the home says. */
  | { readonly do: 'open'; readonly home: string; readonly relay: string | null }
  | { readonly do: 'call'; readonly command: CommandName; readonly args: unknown }
  | { readonly do: 'once'; readonly query: QueryName; readonly params: unknown }
  | { readonly do: 'watch'; readonly query: QueryName; readonly params: unknown }
  | { readonly do: 'unwatch'; readonly of: number }
  /** Puts an op in the outbox that no command makes. */
  | { readonly do: 'write'; readonly ws: WorkspaceId; readonly intent: Omit<Intent, 'n'> }
  | { readonly do: 'serve'; readonly data: string }
  | {
      readonly do: 'command';
      readonly data: string;
      readonly name: Parameters<typeof relayCommand>[1];
      readonly args: unknown;
    }
  | { readonly do: 'close' };

export type Told =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly failed: string }
  /** The answer of a watched query, whole. */
  | { readonly id: number; readonly value: unknown };
