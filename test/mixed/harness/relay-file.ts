import { join } from 'node:path';
import { openWorkspaceFile } from '@parley/relay/room';
import type { StateView } from '@parley/sync/core';
import type { Fact, WorkspaceId } from '@parley/sync/model';
import { SqlView, selectAll } from '@parley/sync/replica';
import { readTables, type Tables } from '@parley/sync/testing';

/** What a relay that has stopped left behind. */
export interface RelayFile {
  readonly facts: readonly Fact[];
  readonly tables: Tables;
  readonly view: StateView;
  close(): void;
}

export function readRelayFile(data: string, workspace: WorkspaceId): RelayFile {
  const db = openWorkspaceFile(join(data, 'ws', `${workspace}.db`));
  const texts = selectAll<readonly [string]>(db, 'SELECT fact FROM log ORDER BY pos')([]);
  return {
    facts: texts.map(([text]) => JSON.parse(text) as Fact),
    tables: readTables(db),
    view: new SqlView(db),
    close: () => db.close(),
  };
}
