import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { HomeKeys, Port } from '@parley/sync/engine';
import { compileCheck } from '@parley/sync/model';
import Type from 'typebox';
import { portOver } from '../ports/end.ts';
import { parseJson } from '../ports/json.ts';
import { MAX_FROM_ENGINE_BYTES, MAX_TO_ENGINE_BYTES, socketPort } from '../ports/mod.ts';
import { answerKeyRequest, isKeyAnswer, type KeyAnswer, type KeyRequest, KeyRequestSchema } from './key-door.ts';
import { localAddress } from './local-address.ts';

/** Enough for every window and a few scripts; a runaway loop must not use up the process's files. */
const MAX_CONNECTIONS = 64;
/** A person's own process shows its key at once. */
const KEY_DEADLINE_MS = 5_000;
const KEY_BYTES = 32;

/** What stands in the home for the person's other processes: where to knock and what to show. */
interface Invitation {
  readonly address: string;
  readonly key: string;
}
const isInvitation = compileCheck<Invitation>(Type.Object({ address: Type.String(), key: Type.String() }));
/**
 * First line of the answer: the host is alive and lets the caller in. With the key of the home's SQLite files, for what
 * terminals read beside the engine: whoever is let in may read all that is in them through the engine anyway.
 */
interface Admission {
  readonly admitted: true;
  readonly databaseKey: string;
}
const isAdmission = compileCheck<Admission>(Type.Object({ admitted: Type.Literal(true), databaseKey: Type.String() }));

/** First line of a connection. With `keys` it is about the home's key: there is one answer, and no engine behind it. */
interface Knock {
  readonly key: string;
  readonly keys?: KeyRequest;
}
const isKnock = compileCheck<Knock>(Type.Object({ key: Type.String(), keys: Type.Optional(KeyRequestSchema) }));

const invitationPath = (home: string): string => join(home, 'engine.door');

interface LocalServer {
  close(): Promise<void>;
}

/** What callers are let in to. */
export interface Served {
  attach(port: Port): void;
  readonly keys: HomeKeys;
}

/** The engine of another process, reached. */
export interface LocalEngine {
  readonly port: Port;
  /** The key of the home's SQLite files. */
  readonly databaseKey: Uint8Array;
}

/**
 * Listens for the person's other processes. The first line of a connection is the key that stands in the home, readable
 * by its owner alone: a pipe on Windows has no such protection itself. Only whoever holds the home's lock may call this,
 * so what is already there was left by a crash.
 */
export async function listenLocal(home: string, served: Served): Promise<LocalServer> {
  const address = await localAddress(home);
  const key = randomBytes(KEY_BYTES).toString('base64url');
  // Removed first: a socket is not made over a file, and writing into a file that is there keeps its mode.
  if (address.isFile) await rm(address.path, { force: true });
  await rm(invitationPath(home), { force: true });

  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    admit(socket, key, served);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(address.path);
  await once(server, 'listening');
  if (address.isFile) await chmod(address.path, 0o600);
  const invitation: Invitation = { address: address.path, key };
  await writeFile(invitationPath(home), JSON.stringify(invitation), { mode: 0o600 });

  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
      await rm(invitationPath(home), { force: true });
      await address.clear();
    },
  };
}

function admit(socket: Socket, key: string, { attach, keys }: Served): void {
  const outer = socketPort(socket, MAX_TO_ENGINE_BYTES);
  const inner = portOver({ send: (message) => outer.post(message as never), shut: () => outer.close() });
  let admitted = false;
  const deadline = setTimeout(() => socket.destroy(), KEY_DEADLINE_MS);
  outer.onMessage((message: unknown) => {
    if (admitted) return inner.deliver(message);
    if (!isKnock(message) || !sameSecret(message.key, key)) return void socket.destroy();
    admitted = true;
    clearTimeout(deadline);
    const databaseKey = Buffer.from(keys.database).toString('base64url');
    outer.post({ admitted: true, databaseKey } satisfies Admission as never);
    if (!message.keys) return attach(inner.port);
    void answerKeyRequest(keys, message.keys).then((answer) => outer.post(answer as never));
  });
  outer.onClose(() => {
    clearTimeout(deadline);
    inner.ended();
  });
}

function sameSecret(shown: string, held: string): boolean {
  const [left, right] = [Buffer.from(shown), Buffer.from(held)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The engine that another process of this person has open on `home`; null where none answers. */
export async function connectLocal(home: string): Promise<LocalEngine | null> {
  const knocked = await knock(home);
  return knocked && { port: knocked.port, databaseKey: new Uint8Array(Buffer.from(knocked.databaseKey, 'base64url')) };
}

/** Asks the process that has `home` open about its key; null where none answers. It may have to ask the person first. */
export async function askKeys(home: string, request: KeyRequest): Promise<KeyAnswer | null> {
  const knocked = await knock(home, request);
  if (!knocked) return null;
  return new Promise((resolve) => {
    knocked.port.onMessage((message: unknown) => {
      if (!isKeyAnswer(message)) return;
      resolve(message);
      knocked.port.close();
    });
    knocked.port.onClose(() => resolve(null));
  });
}

async function knock(home: string, keys?: KeyRequest): Promise<(Omit<Admission, 'admitted'> & { port: Port }) | null> {
  const invitation = parseJson(await readFile(invitationPath(home), 'utf8').catch(() => ''));
  if (!isInvitation(invitation)) return null;
  const socket = connect(invitation.address);
  try {
    await once(socket, 'connect');
  } catch {
    return null;
  }
  const outer = socketPort(socket, MAX_FROM_ENGINE_BYTES);
  const inner = portOver({ send: (message) => outer.post(message as never), shut: () => outer.close() });
  // A process that is just being killed still takes connections: nobody is there until somebody has answered.
  return new Promise((resolve) => {
    const deadline = setTimeout(() => socket.destroy(), KEY_DEADLINE_MS);
    let admitted = false;
    outer.onMessage((message: unknown) => {
      if (admitted) return inner.deliver(message);
      if (!isAdmission(message)) return;
      admitted = true;
      clearTimeout(deadline);
      resolve({ port: inner.port, databaseKey: message.databaseKey });
    });
    outer.onClose(() => {
      clearTimeout(deadline);
      inner.ended();
      resolve(null);
    });
    outer.post({ key: invitation.key, ...(keys ? { keys } : {}) } satisfies Knock as never);
  });
}
