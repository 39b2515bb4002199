import { join } from 'node:path';
import type { Engine } from '@parley/sync/engine';
import type { ChannelId, VerifyView, WorkspaceId } from '@parley/sync/model';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, synced, until } from './world.ts';

let world: EngineWorld;
let ann: Engine;
let ws: WorkspaceId;
let ch: ChannelId;

beforeEach(async () => {
  world = await EngineWorld.make();
  ann = await world.open('ann');
  ({ ws, ch } = await world.signIn(ann, 'ann'));
  for (const text of ['one', 'two', 'three', 'four', 'five']) await ann.client().call('message.send', { ws, ch, text });
  await synced(ann, ws);
});
afterEach(() => world.end());

const verify = (): Promise<VerifyView> => ann.client().call('sync.verify', { ws });
const here = (sql: string) => ann.workspace(ws).replica.db.exec(sql);
const said = ({ problems }: VerifyView) => problems.map(({ stream, detail }) => `${stream} ${detail}`).join('\n');

/** Changes the relay's own tables behind its back. */
function there(sql: string): void {
  const db = new Database(join(world.data, 'ws', `${ws}.db`));
  try {
    db.exec(`PRAGMA busy_timeout = 5000; ${sql}`);
  } finally {
    db.close();
  }
}

describe('verify (S34)', () => {
  it('proves that the replica is what the relay has, row by row', async () => {
    const view = await verify();
    expect(view).toMatchObject({ compared: true, problems: [] });
    // Five messages, the note that made the channel, people, memberships, channel, read marker and the rest.
    expect(view.rows).toBeGreaterThan(10);
  });

  it('names the row that was changed here', async () => {
    here(`UPDATE message SET edited_at = 7 WHERE text = 'three'`);
    const { q } = ann.workspace(ws).replica.db.prepare(`SELECT q FROM message WHERE text = 'three'`).get() as {
      q: number;
    };
    expect(said(await verify())).toBe(`c:${ch} A row of message is not the relay’s: ${q}.`);
  });

  it('names a row that is missing here, and one that is only here', async () => {
    here(`DELETE FROM saved; INSERT INTO saved (user, msg, ch, active, at, ver)
      SELECT author, id, ch, 1, 1, 1 FROM message WHERE text = 'two'`);
    expect(said(await verify())).toMatch(/^u:.* rows of saved .*that the relay does not have/);
    here(`DELETE FROM saved; DELETE FROM posted`);
    expect(said(await verify())).toMatch(new RegExp(`c:${ch} A row of posted is missing here`));
  });

  it('sees that the relay tells of rows that no fact made', async () => {
    there(`UPDATE message SET text = 'never said' WHERE text = 'four'`);
    expect(said(await verify())).toMatch(/A row of message is not the relay’s/);
  });

  it('sees that the relay has another history than the one it was told', async () => {
    here(`UPDATE stream SET chain = zeroblob(16) WHERE s = 'c:${ch}'`);
    await world.close(ann);
    ann = await world.open('ann');
    await until(ann, 'sync', { ws }, ({ state }) => state !== 'connecting' && state !== 'offline');
    expect(said(await verify())).toMatch(/its hash chain differs/);
  });

  it('says when the relay can’t be asked, and then checks the replica alone', async () => {
    await world.stopRelay();
    await until(ann, 'sync', { ws }, ({ state }) => state === 'offline');
    expect(await verify()).toMatchObject({ compared: false, rows: 0, problems: [] });
  });
});
