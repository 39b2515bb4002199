import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_BYTES, openDatabase, readRecoveryKey, recoverHome } from '@parley/sync/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, synced, texts } from './world.ts';

const CANARY = 'canarysingsintheengine';

let world: EngineWorld;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

/** Files of a home that have `word` in them, whatever they are. */
const holding = (home: string, word: string): string[] =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return bytes.includes(word) || bytes.includes(Buffer.from(word, 'utf16le'));
    });

describe('a home (S31)', () => {
  it('has nothing of what is written in any of its files, open or closed, nor the token it signs in with', async () => {
    const engine = await world.open('ann');
    const { ws, ch } = await world.signIn(engine, 'ann');
    const client = engine.client();
    await client.call('message.send', { ws, ch, text: `${CANARY} sent` });
    await synced(engine, ws);
    const { url } = world.relay;
    await world.stopRelay();
    await client.call('message.send', { ws, ch, text: `${CANARY} unsent` });
    await client.call('draft.set', { ws, ch, root: null, text: `${CANARY} half` });
    expect((await client.once('search', { ws, text: CANARY, limit: 10 })).total).toBeGreaterThan(0);
    const home = world.home('ann');
    expect(readdirSync(join(home, 'ws')).some((name) => name.endsWith('-wal'))).toBe(true);
    const entries = openDatabase(join(home, 'home.db'), engine.keys.database);
    const { token } = entries.prepare('SELECT token FROM workspace').get() as { token: string };
    entries.close();
    const words = [CANARY, 'Acme', 'ann@example.test', url, token];
    for (const word of words) expect(holding(home, word), word).toEqual([]);
    await world.close(engine);
    for (const word of words) expect(holding(home, word), word).toEqual([]);

    const again = await world.open('ann', { online: false });
    expect(texts(await again.client().once('timeline', latest(ws, ch)))).toEqual([
      `${CANARY} sent`,
      `${CANARY} unsent`,
    ]);
  });

  it('keeps what was not sent through a lost key, until it is recovered (S10)', async () => {
    const engine = await world.open('ann');
    const { ws, ch } = await world.signIn(engine, 'ann');
    await world.stopRelay();
    await engine.client().call('message.send', { ws, ch, text: 'not sent yet' });
    const recovery = readRecoveryKey(await engine.keys.recoveryKey(null));
    await world.close(engine);
    const home = world.home('ann');
    const keyFile = join(home, 'home.key');
    const held = JSON.parse(readFileSync(keyFile, 'utf8'));

    rmSync(keyFile);
    await expect(world.open('ann')).rejects.toMatchObject({ code: 'key_missing' });
    writeFileSync(keyFile, JSON.stringify({ ...held, plain: randomBytes(KEY_BYTES).toString('base64url') }));
    await expect(world.open('ann')).rejects.toMatchObject({ code: 'key_wrong' });
    // A refusal gives the home back: the next one is told the same, not that it is in use.
    await expect(world.open('ann')).rejects.toMatchObject({ code: 'key_wrong' });

    if (!recovery.ok) throw new Error(recovery.problem);
    await recoverHome(home, recovery.key, {}, () => {});
    await world.startRelay();
    const again = await world.open('ann');
    await synced(again, ws);
    expect(texts(await again.client().once('timeline', latest(ws, ch)))).toEqual(['not sent yet']);
  });
});
