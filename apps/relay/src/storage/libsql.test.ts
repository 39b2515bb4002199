import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorkspaceFile } from './workspace-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-libsql-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Holds the file as one does who takes in the log of a process that was killed; lets go some time after it said so. */
const HOLDER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const db = new (require(workerData.libsql))(workerData.path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (a)');
  parentPort.postMessage('held');
  setTimeout(() => { db.exec('COMMIT'); db.close(); }, 200);
`;

it('waits for another process that holds the file just when it is opened', async () => {
  const path = join(directory, 'ws.db');
  const libsql = import.meta.resolve('libsql').replace('file://', '');
  const holder = new Worker(HOLDER, { eval: true, workerData: { path, libsql } });
  await once(holder, 'message');
  const db = openWorkspaceFile(path);
  expect(db.prepare('SELECT count(*) AS n FROM log').all([])).toEqual([{ n: 0 }]);
  db.close();
  await once(holder, 'exit');
});
