import { randomFillSync } from 'node:crypto';
import type { StateView } from '@parley/sync/core';
import { columnNames, derivedId, type Rows, TABLE_NAMES, type TableName, type WorkspaceId } from '@parley/sync/model';
import { type SqlDatabase, SqlView, selectAll } from '@parley/sync/replica';
import { SqlLog } from '../../log/mod.ts';
import { nodeEnv, type ProvisionOp, Room } from '../../room/mod.ts';
import { openWorkspaceFile } from '../../storage/mod.ts';
import type { ImportRoom } from '../provisioning.ts';

const TEST_WORKSPACE = derivedId<WorkspaceId>('test', 'workspace');

/** A workspace as the relay runs it, in memory. */
export interface TestRoom extends ImportRoom {
  readonly db: SqlDatabase;
  readonly view: StateView;
  rows<T extends TableName>(table: T): Rows[T][];
  /** Every replicated row and every fact, as text, to compare workspaces by. */
  everything(): string[];
  close(): void;
}

export function openTestRoom(): TestRoom {
  const db = openWorkspaceFile(':memory:');
  const room = Room.open({
    workspace: TEST_WORKSPACE,
    db,
    log: new SqlLog(db),
    secret: randomFillSync(new Uint8Array(32)),
    env: nodeEnv,
    // Nobody else is in this room: whole batches at once.
    limits: { turnMs: 100, turnSystemOps: 500 },
  });
  const select = (sql: string) => selectAll(db, sql)([]);
  return {
    db,
    workspace: TEST_WORKSPACE,
    view: new SqlView(db),
    provision: (ops) => room.provision(ops),
    rows<T extends TableName>(table: T): Rows[T][] {
      const columns = columnNames(table);
      const found = select(`SELECT ${columns.map((column) => `"${column}"`).join(', ')} FROM "${table}" ORDER BY ver`);
      return found.map(
        (row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])) as unknown as Rows[T],
      );
    },
    everything: () => [
      ...TABLE_NAMES.flatMap((table) =>
        select(`SELECT * FROM "${table}"`).map((row) => `${table} ${JSON.stringify(row)}`),
      ).sort(),
      // Marks stand where batches end, and an import that was interrupted has others; links don’t depend on them.
      ...select(`SELECT pos, json_remove(fact, '$.m'), hex(chain) FROM log ORDER BY pos`).map((row) =>
        JSON.stringify(row),
      ),
    ],
    close() {
      room.close();
      db.close();
    },
  };
}

/** The same workspace behind a room that takes `ops` more ops and then dies, in the middle of a batch if it comes so. */
export function dyingRoom(room: ImportRoom, ops: number): ImportRoom {
  let left = ops;
  return {
    workspace: room.workspace,
    view: room.view,
    async provision(batch: readonly ProvisionOp[]) {
      const taken = batch.slice(0, left);
      left -= taken.length;
      const verdicts = await room.provision(taken);
      return taken.length < batch.length
        ? batch.map((op, at) => verdicts[at] ?? { i: op.i, ok: false, code: 'not_leader', detail: 'The relay died.' })
        : verdicts;
    },
  };
}
