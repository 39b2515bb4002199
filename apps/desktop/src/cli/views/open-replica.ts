import { openDatabaseToRead } from '@parley/sync/engine';
import type { ViewDatabase } from './view-database.ts';

/** Two connections to a replica: one to ask, and one for what has to be looked up while the first is answering. */
export interface OpenReplica {
  readonly db: ViewDatabase;
  readonly beside: ViewDatabase;
  close(): void;
}

/** Opens a replica's file for reading, while an engine has it open. */
export function openReplicaTwice(file: string, key: Uint8Array): OpenReplica {
  const open = (): ViewDatabase => openDatabaseToRead(file, key) as ViewDatabase;
  const db = open();
  try {
    const beside = open();
    return {
      db,
      beside,
      close() {
        beside.close();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
