import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { newToken, sameSecret } from '../../accounts/mod.ts';
import { runCommand } from '../commands/run-command.ts';
import type { Relay } from '../relay.ts';
import { RelayError } from '../relay-error.ts';
import { adminPath } from './admin-path.ts';
import { type Answer, isRequest, MAX_REQUEST_BYTES, proofOf } from './admin-protocol.ts';

/** A command follows its connection at once; one that doesn't isn't ours. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How long a stopping relay waits for commands under way. */
const DRAIN_MS = 5_000;

/** Takes commands from the relay's own machine while it serves. */
export class AdminServer {
  readonly #relay: Relay;
  readonly #server: Server;
  readonly #running = new Map<Socket, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #path: string;

  /** Null where the directory's path leaves no room for a socket. */
  static async listen(relay: Relay): Promise<AdminServer | null> {
    const path = adminPath(relay.directory);
    if (path === null) return null;
    const admin = new AdminServer(relay, path);
    // Whoever left it is gone: the directory's lock is ours.
    if (process.platform !== 'win32') rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      admin.#server.once('error', reject);
      admin.#server.listen(path, resolve);
    });
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    admin.#server.on('error', (error) => relay.log.error({ err: error }, 'admin socket failed'));
    return admin;
  }

  private constructor(relay: Relay, path: string) {
    this.#relay = relay;
    this.#path = path;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  #serve(socket: Socket): void {
    const challenge = newToken((bytes) => this.#relay.env.random(bytes));
    const abort = new AbortController();
    let text = '';
    const cancelTimeout = this.#relay.env.timer(REQUEST_TIMEOUT_MS, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      cancelTimeout();
      abort.abort();
      this.#running.delete(socket);
    });
    socket.on('data', (data: string) => {
      if (this.#running.has(socket)) return;
      text += data;
      if (text.length > MAX_REQUEST_BYTES) socket.destroy();
      const end = text.indexOf('\n');
      if (end < 0) return;
      cancelTimeout();
      this.#running.set(socket, { abort, done: this.#answer(socket, challenge, text.slice(0, end), abort.signal) });
    });
    socket.write(`${JSON.stringify({ challenge })}\n`);
  }

  async #answer(socket: Socket, challenge: string, line: string, signal: AbortSignal): Promise<void> {
    const say = (answer: Answer) => {
      if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
    };
    try {
      const request = parse(line);
      if (!isRequest(request) || !sameSecret(request.proof, proofOf(this.#relay.secret, challenge)))
        throw new RelayError('the request was refused', 'use the relay’s own command line, of the same version');
      say({
        result: await runCommand(this.#relay, request.command, request.args, (progress) => say({ progress }), signal),
      });
    } catch (error) {
      if (error instanceof RelayError) say({ error: { what: error.message, remedy: error.remedy } });
      else {
        this.#relay.log.error({ err: error }, 'command failed');
        say({ error: { what: 'the command failed', remedy: 'the log of the serving relay says why' } });
      }
    } finally {
      socket.end();
    }
  }

  /** Takes no more commands, ends those under way between two of their steps, and waits for that. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    let cancel = () => {};
    const late = new Promise<void>((resolve) => (cancel = this.#relay.env.timer(DRAIN_MS, resolve)));
    await Promise.race([Promise.all(running.map(({ done }) => done)), late]);
    cancel();
    for (const socket of this.#running.keys()) socket.destroy();
    await closed;
    if (process.platform !== 'win32') rmSync(this.#path, { force: true });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
