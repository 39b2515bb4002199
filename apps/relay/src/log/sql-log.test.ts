import { type OpId, PEOPLE_STREAM } from '@parley/sync/model';
import { chainStart, transact } from '@parley/sync/replica';
import { expect, it } from 'vitest';
import { openWorkspaceFile } from '../storage/mod.ts';
import { logStoreContract } from './contract.ts';
import { bytesOfId, idOfBytes } from './op-bytes.ts';
import { SqlLog } from './sql-log.ts';

logStoreContract('the log in libSQL', () => new SqlLog(openWorkspaceFile(':memory:')));

const ID = '0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b' as OpId;

it('an op id survives its 16 bytes', () => {
  expect(bytesOfId(ID)).toHaveLength(16);
  expect(idOfBytes(bytesOfId(ID))).toBe(ID);
});

it('a log whose transaction was rolled back stands where it stood', () => {
  const db = openWorkspaceFile(':memory:');
  const log = new SqlLog(db);
  const batch = [{ i: ID, s: PEOPLE_STREAM, q: 1, text: '{}', chain: chainStart(PEOPLE_STREAM) }];
  expect(() =>
    transact(db, () => {
      log.append(1, 1, batch);
      throw new Error('the disk is full');
    }),
  ).toThrow('the disk is full');
  log.forget();
  expect(log.tail().pos).toBe(0);
  expect(log.head(PEOPLE_STREAM)).toBe(0);
  transact(db, () => log.append(1, 1, batch));
  expect(log.find(ID)?.pos).toBe(1);
});
