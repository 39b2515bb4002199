/** The least that a process with the same file open takes: read once, by bare better-sqlite3. `memory-bare.ts REPLICA KEY`. */
import { openDatabase } from '@parley/sync/engine';
import { answerParent, tell } from './fanout/child.ts';

const [replica = '', hex = ''] = process.argv.slice(2);
const db = openDatabase(replica, Buffer.from(hex, 'hex'));
db.prepare('SELECT count(*) FROM message WHERE author = (SELECT max(author) FROM message)').get();
tell({ listening: 0 });
answerParent();
