import { must, type WorkspaceId } from '@parley/sync/model';
import type { Workspace } from '../../accounts/mod.ts';
import type { Relay } from '../relay.ts';
import { RelayError } from '../relay-error.ts';
import type { WorkspaceRoom } from '../workspace-room.ts';

/** The workspace a command means: the one named, by id or name, or the only one there is. */
export function findWorkspace(relay: Relay, wanted: string | undefined): { workspace: Workspace; room: WorkspaceRoom } {
  const all = relay.services.workspaces.all();
  if (all.length === 0) throw new RelayError('this directory has no workspace', 'make one with `init`');
  const named =
    wanted === undefined ? all : all.filter(({ id, name }) => id === (wanted as WorkspaceId) || name === wanted);
  const [workspace, other] = named;
  if (!workspace)
    throw new RelayError(`there is no workspace "${wanted}"`, `name one of: ${all.map(({ name }) => name).join(', ')}`);
  if (other)
    throw new RelayError(
      wanted === undefined ? 'this directory has several workspaces' : `several workspaces are called "${wanted}"`,
      `name one with --workspace: ${named.map(({ id, name }) => `${name} (${id})`).join(', ')}`,
    );
  return {
    workspace,
    room: must(relay.rooms.get(workspace.id), 'a listed workspace has a room while the relay is open'),
  };
}
