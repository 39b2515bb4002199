import type { EngineClient } from '@parley/sync/engine';
import type { Queries, SidebarView, SyncView, UserId, WorkspaceEntryView, WorkspaceId } from '@parley/sync/model';
import { CliError, EXIT } from './exit.ts';
import type { Output } from './output.ts';

/** One workspace as a command sees it. */
export interface Session {
  readonly client: EngineClient;
  readonly home: string;
  readonly entry: WorkspaceEntryView;
  readonly ws: WorkspaceId;
  readonly me: UserId;
  /** The key of the home's SQLite files. */
  readonly databaseKey: Uint8Array;
  readonly out: Output;
  /** Whether another process runs the engine. */
  readonly remote: boolean;
  /** Whether the relay is to be told of what this command does; false leaves it in the outbox. */
  readonly online: boolean;
}

const named = (entry: WorkspaceEntryView): string => `${entry.name} (${entry.id})`;

/** The workspace a command is about: the one named, or the only one there is. */
export function chooseWorkspace(
  entries: readonly WorkspaceEntryView[],
  wanted: string | undefined,
): WorkspaceEntryView {
  if (entries.length === 0)
    throw new CliError(
      EXIT.notSignedIn,
      'You are not signed in here; run: parley login --relay URL --email YOU --password-stdin',
    );
  const fits = wanted === undefined ? entries : entries.filter(({ id, name }) => id === wanted || name === wanted);
  const [entry, ...others] = fits.length
    ? fits
    : entries.filter(({ name }) => name.toLowerCase() === wanted?.toLowerCase());
  if (entry && others.length === 0) return entry;
  const problem =
    wanted === undefined
      ? 'You are in several workspaces'
      : entry
        ? `Several are called ${wanted}`
        : `There is no workspace ${wanted} here`;
  throw new CliError(EXIT.usage, `${problem}; name one with --workspace: ${entries.map(named).join(', ')}`);
}

export const syncOf = ({ client, ws }: Session): Promise<SyncView> => client.once('sync', { ws });
export const sidebarOf = ({ client, ws }: Session): Promise<SidebarView> => client.once('sidebar', { ws });

/** One answer of a query about this workspace. */
export const ask = <
  Q extends
    | 'channel'
    | 'members'
    | 'people'
    | 'person'
    | 'directory'
    | 'pins'
    | 'history'
    | 'search'
    | 'thread'
    | 'timeline',
>(
  { client, ws }: Session,
  query: Q,
  params: Omit<Queries[Q]['params'], 'ws'>,
): Promise<Queries[Q]['result']> => client.once(query, { ws, ...params } as Queries[Q]['params']);
