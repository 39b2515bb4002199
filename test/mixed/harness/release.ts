import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Intent, QueryName } from '@parley/sync/model';
import type { EngineDoor, RelayDoor } from '../../releases/doors.ts';
import type { Scene } from '../../releases/scene.ts';

/** The release before this build. Its wire version is the oldest that is still served. */
export const PREVIOUS = '0.1.0';

const folder = (version: string): string => join(import.meta.dirname, '../../releases', version);

export const loadEngine = async (version: string): Promise<EngineDoor> =>
  (await import(join(folder(version), 'engine.mjs'))) as EngineDoor;
export const loadRelay = async (version: string): Promise<RelayDoor> =>
  (await import(join(folder(version), 'relay.mjs'))) as RelayDoor;

/** An outbox entry as it stood in the release's file. */
export interface KeptOp {
  readonly op: Omit<Intent, 'n'>;
  readonly state: { readonly is: 'queued' | 'sent' | 'acked' | 'failed'; readonly code?: string };
  readonly attempts: number;
}

export interface KeptScene extends Scene {
  readonly outbox: readonly KeptOp[];
  /** What the release's own engine answered, offline. */
  readonly answers: readonly { readonly query: QueryName; readonly params: object; readonly result: unknown }[];
}

const readJson = (version: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder(version), name), 'utf8'));

export const sceneOf = (version: string): KeptScene => readJson(version, 'scene.json') as KeptScene;

/** The release's wire: JSON Schemas of what each side may send, bodies of ops, columns of tables. */
export interface KeptWire {
  readonly protocol: number;
  readonly opVersion: number;
  readonly Up: { readonly anyOf: readonly object[] };
  readonly Down: { readonly anyOf: readonly object[] };
  readonly ops: Readonly<Record<string, { readonly stream: string; readonly from: string; readonly body: object }>>;
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
export const wireOf = (version: string): KeptWire => readJson(version, 'wire.json') as KeptWire;

/** Every release that is kept. */
export const releases = (): readonly string[] =>
  readdirSync(join(import.meta.dirname, '../../releases'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Unpacks a directory of the release's into another, which is returned. */
export function unpack(version: string, what: 'home' | 'half-home' | 'relay-data', into: string): string {
  const source = join(folder(version), what);
  for (const entry of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.gz')) continue;
    const target = join(into, entry.slice(0, -'.gz'.length));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, gunzipSync(readFileSync(join(source, entry))), { mode: 0o600 });
  }
  return into;
}
