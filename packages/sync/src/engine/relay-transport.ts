import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import WebSocket from 'ws';
import { relaySegments } from './segments/mod.ts';
import type { BootstrapHandlers, RelayWire, RelayWireHandlers, Transport } from './transport.ts';

/** TCP and TLS to a relay that is there take less; one that isn't should not hold up the next attempt. */
const CONNECT_MS = 15_000;
/** A relay never sends a larger frame. */
const MAX_DOWN_BYTES = 16 * 1_048_576;

/** Reaches a relay over its WebSocket and HTTP API. `relay` is its base URL. */
export function relayTransport(relay: string): Transport {
  return {
    connect: (handlers) => connect(relay, handlers),
    bootstrap: (workspace, token, handlers) => {
      const abort = new AbortController();
      fetchBootstrap(relay, workspace, token, handlers, abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) handlers.failed('unreachable', reasonOf(error));
      });
      return () => abort.abort();
    },
    segments: (workspace, token) => relaySegments(relay, workspace, token),
    renewDevice: (token, done) => {
      fetch(new URL('/v1/device', relay), { method: 'POST', headers: { authorization: `Bearer ${token}` } })
        .then(async (response) => {
          const body = response.ok ? ((await response.json()) as { device?: unknown }) : {};
          done(typeof body.device === 'string' ? body.device : null);
        })
        .catch(() => done(null));
    },
  };
}

function connect(relay: string, handlers: RelayWireHandlers): RelayWire {
  const url = new URL('/v1/socket', relay);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, {
    handshakeTimeout: CONNECT_MS,
    maxPayload: MAX_DOWN_BYTES,
    perMessageDeflate: false,
  });
  let over = false;
  const close = (detail: string) => {
    if (over) return;
    over = true;
    handlers.closed(detail);
  };
  socket.on('open', () => handlers.opened());
  socket.on('message', (data: Buffer, binary) => {
    if (!over) handlers.frame(binary ? data : data.toString('utf8'));
  });
  socket.on('ping', () => {
    if (!over) handlers.alive();
  });
  socket.on('error', (error) => close(reasonOf(error)));
  socket.on('close', () => close('The connection to the relay ended.'));
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close: () => {
      over = true;
      socket.terminate();
    },
  };
}

async function fetchBootstrap(
  relay: string,
  workspace: string,
  token: string,
  handlers: BootstrapHandlers,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL('/v1/bootstrap', relay);
  url.searchParams.set('ws', workspace);
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
  if (response.status === 401)
    return handlers.failed('unauthenticated', 'The relay no longer knows this sign-in; sign in again.');
  if (response.status === 403 || response.status === 404)
    return handlers.failed('not_in_workspace', 'You are not (or no longer) in this workspace.');
  if (!response.ok || !response.body)
    return handlers.failed('unreachable', `The relay answered with status ${response.status}.`);
  const lines = createInterface({
    input: Readable.fromWeb(response.body as ReadableStream),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) {
    if (signal.aborted) return;
    if (line) handlers.item(JSON.parse(line));
  }
  handlers.done();
}

/** What a failed connection is called for a person. */
export function reasonOf(error: unknown): string {
  const code =
    (error as { code?: string; cause?: { code?: string } })?.code ??
    (error as { cause?: { code?: string } })?.cause?.code;
  switch (code) {
    case 'ECONNREFUSED':
      return 'No relay answers at this address.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The relay’s address can’t be found.';
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'The relay did not answer in time.';
    default:
      return error instanceof Error ? error.message : 'The relay can’t be reached.';
  }
}
