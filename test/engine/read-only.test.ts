import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { replicaFile } from '@parley/sync/engine';
import type { WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld } from './world.ts';

const TELLING = join(import.meta.dirname, 'telling-engine.ts');
/** The administrator may write to everything: the process is then somebody else's. */
const NOBODY = 65_534;
const asSomebody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

let world: EngineWorld;
let ws: WorkspaceId;

beforeEach(async () => {
  world = await EngineWorld.make();
  const ann = await world.open('ann');
  const { ch } = await world.signIn(ann, 'ann').then((signedIn) => {
    ws = signedIn.ws;
    return signedIn;
  });
  await world.stopRelay();
  await ann.client().call('message.send', { ws, ch, text: 'unsent' });
  await world.close(ann);
  if (!('uid' in asSomebody)) return;
  chmodSync(world.directory, 0o755);
  for (const path of ['', ...(readdirSync(world.home('ann'), { recursive: true }) as string[])])
    chownSync(join(world.home('ann'), path), NOBODY, NOBODY);
});
afterEach(() => world.end());

describe.skipIf(process.platform === 'win32')('files that can’t be written (S41)', () => {
  it.each([
    ['the database', () => replicaFile(world.home('ann'), ws), 0o400, 0o600],
    ['its folder', () => join(world.home('ann'), 'ws'), 0o500, 0o700],
    ['the journal', () => replicaFile(world.home('ann'), ws).replace(/db$/, 'outbox'), 0o400, 0o600],
  ])('%s: said in clear words, nothing set aside, and opened as soon as it can be', async (_, path, locked, free) => {
    chmodSync(path(), locked);
    const child = spawn(process.execPath, [TELLING, world.home('ann'), ws], {
      ...asSomebody,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? 'null');
    expect(await next()).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/can’t write to .*writable/),
    });
    chmodSync(path(), free);
    let told = await next();
    while (told.state === 'refused') told = await next();
    expect(told).toMatchObject({ state: 'offline', queued: 1 });
    child.stdin.end();
    await new Promise((resolve) => child.on('close', resolve));
    expect(readdirSync(join(world.home('ann'), 'ws')).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it('the home itself: said in clear words', () => {
    chmodSync(world.home('ann'), 0o500);
    const child = spawnSync(process.execPath, [TELLING, world.home('ann'), ws], { ...asSomebody, encoding: 'utf8' });
    expect(JSON.parse(child.stdout)).toMatchObject({
      failed: 'StorageError',
      detail: expect.stringMatching(/can’t write to .*writable/),
    });
    chmodSync(world.home('ann'), 0o700);
  });
});
