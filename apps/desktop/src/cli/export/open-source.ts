import { replicaFile } from '@parley/sync/engine';
import type { Session } from '../session.ts';
import { openReplicaTwice } from '../views/open-replica.ts';
import { addReadableText, ViewNames } from '../views/view-database.ts';
import { type ExportPart, scopeOf } from './export-scope.ts';
import { ExportSource } from './export-source.ts';

type Place = Pick<Session, 'home' | 'ws' | 'me' | 'databaseKey' | 'entry'>;

/** Reads one state of a replica from beginning to end, while whoever has the home open goes on. */
export async function withSource<T>(
  { home, ws, me, databaseKey, entry }: Place,
  part: ExportPart,
  complete: boolean,
  stopped: AbortSignal,
  use: (source: ExportSource) => Promise<T>,
): Promise<T> {
  const replica = openReplicaTwice(replicaFile(home, ws), databaseKey);
  try {
    // A transaction sees what was there when it first read.
    for (const db of [replica.db, replica.beside]) {
      db.exec('BEGIN');
      db.prepare('SELECT count(*) AS n FROM main.meta').get();
    }
    const names = new ViewNames(replica.beside);
    addReadableText(replica.db, names);
    const values = { ws, name: entry.name, relay: entry.relay, me, complete: complete ? '1' : '0' };
    return await use(new ExportSource(replica.db, names, scopeOf(values, part), part, stopped));
  } finally {
    replica.close();
  }
}
