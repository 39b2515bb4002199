import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Port } from '@parley/sync/engine';
import { compileCheck } from '@parley/sync/model';
import Type from 'typebox';
import { portOver } from '../ports/end.ts';
import { parseJson } from '../ports/json.ts';
import { MAX_FROM_ENGINE_BYTES, MAX_TO_ENGINE_BYTES, socketPort } from '../ports/mod.ts';
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
/** First line of the answer: the host is alive and lets the caller in. */
interface Admission {
  readonly admitted: true;
}
const isAdmission = compileCheck<Admission>(Type.Object({ admitted: Type.Literal(true) }));
const isKey = compileCheck<{ readonly key: string }>(Type.Object({ key: Type.String() }));

const invitationPath = (home: string): string => join(home, 'engine.door');

interface LocalServer {
  close(): Promise<void>;
}

/**
 * Listens for the person's other processes. The first line of a connection is the key that stands in the home, readable
 * by its owner alone: a pipe on Windows has no such protection itself. Only whoever holds the home's lock may call this,
 * so what is already there was left by a crash.
 */
export async function listenLocal(home: string, attach: (port: Port) => void): Promise<LocalServer> {
  const address = await localAddress(home);
  const key = randomBytes(KEY_BYTES).toString('base64url');
  // Removed first: a socket is not made over a file, and writing into a file that is there keeps its mode.
  if (address.isFile) await rm(address.path, { force: true });
  await rm(invitationPath(home), { force: true });

  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    admit(socket, key, attach);
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

function admit(socket: Socket, key: string, attach: (port: Port) => void): void {
  const outer = socketPort(socket, MAX_TO_ENGINE_BYTES);
  const inner = portOver({ send: (message) => outer.post(message as never), shut: () => outer.close() });
  let admitted = false;
  const deadline = setTimeout(() => socket.destroy(), KEY_DEADLINE_MS);
  outer.onMessage((message: unknown) => {
    if (admitted) return inner.deliver(message);
    if (!isKey(message) || !sameSecret(message.key, key)) return void socket.destroy();
    admitted = true;
    clearTimeout(deadline);
    outer.post({ admitted: true } satisfies Admission as never);
    attach(inner.port);
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

/** A port to the engine that another process of this person has open on `home`; null where none answers. */
export async function connectLocal(home: string): Promise<Port | null> {
  const invitation = parseJson(await readFile(invitationPath(home), 'utf8').catch(() => ''));
  if (!isInvitation(invitation)) return null;
  const socket = connect(invitation.address);
  try {
    await once(socket, 'connect');
  } catch {
    return null;
  }
  const port = socketPort(socket, MAX_FROM_ENGINE_BYTES);
  // A process that is just being killed still takes connections: nobody is there until somebody has answered.
  return new Promise((resolve) => {
    const deadline = setTimeout(() => socket.destroy(), KEY_DEADLINE_MS);
    const settle = (answer: Port | null) => {
      clearTimeout(deadline);
      resolve(answer);
    };
    port.onMessage((message: unknown) => {
      if (isAdmission(message)) settle(port);
    });
    port.onClose(() => settle(null));
    port.post({ key: invitation.key } as never);
  });
}
