import type { WorkspaceId } from '@parley/sync/model';
import type { Workspaces } from '../accounts/mod.ts';
import type { WorkspaceRoom } from './workspace-room.ts';

/** Opens the file of a workspace as a room. */
export type OpenRoom = (workspace: WorkspaceId) => WorkspaceRoom;

/** The rooms of this process: one per workspace, opened when first asked for and kept. */
export class Rooms {
  readonly #workspaces: Workspaces;
  readonly #openRoom: OpenRoom;
  readonly #rooms = new Map<WorkspaceId, WorkspaceRoom>();
  #closed = false;

  constructor(workspaces: Workspaces, openRoom: OpenRoom) {
    this.#workspaces = workspaces;
    this.#openRoom = openRoom;
  }

  /** The room of a workspace of this relay; null where there is none by that id, or the relay is going down. */
  get(workspace: WorkspaceId): WorkspaceRoom | null {
    if (this.#closed) return null;
    const held = this.#rooms.get(workspace);
    if (held) return held;
    return this.#workspaces.byId(workspace) ? this.#open(workspace) : null;
  }

  /** The room of a workspace that is only being founded. */
  found(workspace: WorkspaceId): WorkspaceRoom {
    if (this.#closed) throw new Error('invariant broken: a workspace founded while the relay goes down');
    return this.#open(workspace);
  }

  #open(workspace: WorkspaceId): WorkspaceRoom {
    const room = this.#openRoom(workspace);
    this.#rooms.set(workspace, room);
    return room;
  }

  /** Opens every workspace now, so that one that can't be opened shows when the relay starts. */
  openAll(): void {
    for (const { id } of this.#workspaces.all()) this.get(id);
  }

  /** Has segments made of the workspaces that are there; of others once somebody asks for one. */
  watchSegments(): void {
    for (const room of this.#rooms.values()) room.segments?.watch();
  }

  /** Lets every room finish what it has begun. */
  close(): void {
    this.#closed = true;
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
  }

  /** Closes the room of a workspace that did not come to be. */
  abandon(workspace: WorkspaceId): void {
    this.#rooms.get(workspace)?.close();
    this.#rooms.delete(workspace);
  }
}
