import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Engine } from '@parley/sync/engine';
import type { Queries, QueryName } from '@parley/sync/model';
import Database from 'libsql';
import { bundle } from './bundle.ts';
import type { EngineDoor, RelayDoor } from './doors.ts';
import { liveThrough, type Scene } from './scene.ts';

/** Keeps a release for the tests of all later ones: see README.md. */

const { values } = parseArgs({ options: { from: { type: 'string' } } });
const from = resolve(values.from ?? join(import.meta.dirname, '../..'));
const { version } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { version: string };
const into = join(import.meta.dirname, version);

/** Signed in for good: what a fixture is there to show does not end after some weeks. */
const FOR_EVER = 8_640_000_000_000_000;

/** What a process holds a directory by, and what SQLite keeps beside a file that is in use. */
const OF_A_PROCESS = /(^engine\.(lock|pid)|^relay\.lock|\.sock|-shm|-wal)$/;

await rm(into, { recursive: true, force: true });
await mkdir(into, { recursive: true });
const engineFile = await bundle({ entry: join(from, 'packages/sync/src/engine/mod.ts'), into, name: 'engine.mjs' });
const relayFile = await bundle({ entry: join(from, 'apps/relay/src/mod.ts'), into, name: 'relay.mjs' });
await writeJson('wire.json', await wireOf(from));

const engine = (await import(engineFile)) as EngineDoor;
const relay = (await import(relayFile)) as RelayDoor;
const work = await mkdtemp(join(tmpdir(), 'parley-release-'));
try {
  const data = join(work, 'relay');
  const home = join(work, 'homes/ann');
  const scene = await liveThrough({ engine, relay, homes: join(work, 'homes'), data });
  // Read by the release itself and offline: what a later build must show as well.
  const reader = await engine.openEngine({ home, online: false });
  const outbox = reader
    .workspace(scene.workspace)
    .replica.outbox.entries()
    .map(({ intent, state, attempts }) => ({ op: intent, state, attempts }));
  await writeJson('scene.json', { ...scene, outbox, answers: await answersOf(reader, scene) });
  await reader.close();
  tidyAccounts(join(data, 'relay.db'));
  foldIn(join(data, 'ws', `${scene.workspace}.db`));
  await keep(home, 'home');
  await keep(join(work, 'homes/half'), 'half-home');
  await keep(data, 'relay-data');
} finally {
  await rm(work, { recursive: true });
}
for (const file of await readdir(into, { recursive: true })) console.log(relative('.', join(into, file)));

async function writeJson(name: string, value: unknown): Promise<void> {
  await writeFile(join(into, name), `${JSON.stringify(value, null, 1)}\n`);
}

/** The wire as JSON Schema, and what else both sides must agree on: bodies of ops, columns of tables. */
async function wireOf(root: string): Promise<unknown> {
  const { Up, Down, PROTOCOL_VERSION } = await import(join(root, 'packages/sync/src/protocol/mod.ts'));
  const { OPS, OP_VERSION, TABLES } = await import(join(root, 'packages/sync/src/model/mod.ts'));
  const tables = Object.fromEntries(
    Object.entries(TABLES as Record<string, { columns: object }>).map(([name, { columns }]) => [name, columns]),
  );
  return { protocol: PROTOCOL_VERSION, opVersion: OP_VERSION, Up, Down, ops: OPS, tables };
}

/** What the engine shows of the home. */
async function answersOf(reader: Engine, { workspace: ws, channels, messages }: Scene): Promise<unknown> {
  const asked: { query: QueryName; params: object; result: unknown }[] = [];
  const ask = async <Q extends QueryName>(query: Q, params: Queries[Q]['params']) => {
    asked.push({ query, params, result: await reader.client().once(query, params) });
  };
  await ask('sidebar', { ws });
  await ask('ledger', { ws });
  await ask('saved', { ws });
  await ask('settings', { ws });
  await ask('directory', { ws, match: '' });
  await ask('people', { ws, match: '', limit: 50 });
  await ask('search', { ws, text: 'morning', limit: 5 });
  for (const root of [messages.root]) if (root) await ask('thread', { ws, root });
  if (messages.hello) await ask('history', { ws, msg: messages.hello });
  for (const ch of Object.values(channels)) {
    await ask('channel', { ws, ch });
    await ask('pins', { ws, ch });
    await ask('draft', { ws, ch, root: null });
    await ask('timeline', { ws, ch, anchor: { at: 'latest' }, before: 200, after: 0 });
  }
  if (channels.general && messages.root) await ask('draft', { ws, ch: channels.general, root: messages.root });
  return asked;
}

/** Sign-ins last, and say nothing of the machine this was made on. */
function tidyAccounts(file: string): void {
  const db = new Database(file);
  db.exec(`UPDATE session SET expires_at = ${FOR_EVER}`);
  db.exec(`UPDATE device SET name = 'laptop', platform = 'linux'`);
  db.exec('DELETE FROM sign_in_attempt');
  db.exec('VACUUM');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Copies what SQLite still keeps beside the file into it. */
function foldIn(file: string): void {
  const db = new Database(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** Keeps the files of a directory, each compressed by itself. */
async function keep(directory: string, name: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (entry.name.endsWith('-wal') && content.length) throw new Error(`${file} is not folded into its database`);
    if (OF_A_PROCESS.test(entry.name)) continue;
    const target = join(into, name, `${relative(directory, file)}.gz`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, gzipSync(content, { level: 9 }));
  }
}
