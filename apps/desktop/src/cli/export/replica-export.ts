import { openDatabaseToRead, replicaFile } from '@parley/sync/engine';
import { writeReplicaCopy } from '@parley/sync/replica';
import type { Session } from '../session.ts';
import { withClearDatabase } from './clear-database.ts';
import type { ExportCounts } from './export-source.ts';

/** Writes the replica's confirmed rows as they are: what a lost relay can be rebuilt from. */
export const writeReplicaExport = ({ home, ws, me, databaseKey }: Session, path: string): Promise<ExportCounts> =>
  withClearDatabase(path, (copy) => {
    const replica = openDatabaseToRead(replicaFile(home, ws), databaseKey);
    try {
      writeReplicaCopy(replica, copy, { workspace: ws, user: me, made: Date.now() });
    } finally {
      replica.close();
    }
    const count = (what: string): number =>
      (copy.prepare(`SELECT count(*) AS n FROM ${what}`).get() as { n: number }).n;
    return { messages: count('message'), people: count('user'), conversations: count('channel WHERE deleted = 0') };
  });
