import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { connect } from './connection.ts';
import type { Port } from './port-types.ts';

interface Wire {
  readonly sent: Record<string, unknown>[];
  answer(message: unknown): void;
  close(): void;
}

/** A port whose other end is the test. */
function wired(): { readonly port: Port; readonly wire: Wire } {
  const messages: ((message: never) => void)[] = [];
  const closes: (() => void)[] = [];
  const sent: Record<string, unknown>[] = [];
  return {
    port: {
      post: (message) => sent.push({ ...message }),
      onMessage: (listener) => messages.push(listener),
      onClose: (listener) => closes.push(listener),
      close: () => {},
    },
    wire: {
      sent,
      answer: (message) => {
        for (const listener of messages) listener(message as never);
      },
      close: () => {
        for (const listener of closes) listener();
      },
    },
  };
}

describe('a window’s connection to the engine', () => {
  it('asks what is watched anew when the engine comes back, and only that', () => {
    let give: (port: Port) => void = () => {};
    const engine = connect({ start: (onPort) => (give = onPort) });
    const seen: unknown[] = [];
    engine.watch('workspaces', {}, (value) => seen.push(value));
    const dropped = engine.watch('workspaces', {}, () => seen.push('dropped'));
    dropped();

    const first = wired();
    give(first.port);
    first.wire.answer({ id: 1, version: 1, value: ['a'] });
    first.wire.close();
    expect(engine.status()).toBe('away');

    const second = wired();
    give(second.port);
    expect(second.wire.sent).toEqual([{ id: 1, watch: 'workspaces', params: {} }]);
    second.wire.answer({ id: 1, version: 1, value: ['b'] });
    expect(seen).toEqual([['a'], ['b']]);
    expect(engine.status()).toBe('open');
  });

  it('holds a command until the engine is there', async () => {
    let give: (port: Port) => void = () => {};
    const engine = connect({ start: (onPort) => (give = onPort) });
    const done = engine.call('presence', { state: 'active' });
    const { port, wire } = wired();
    give(port);
    await Promise.resolve();
    await expect.poll(() => wire.sent.length).toBe(1);
    wire.answer({ id: wire.sent[0]?.id, ok: {} });
    await expect(done).resolves.toEqual({});
  });

  it('does not send a command twice when the engine dies over it', async () => {
    let give: (port: Port) => void = () => {};
    const engine = connect({ start: (onPort) => (give = onPort) });
    const first = wired();
    give(first.port);
    const done = engine.call('presence', { state: 'active' });
    await expect.poll(() => first.wire.sent.length).toBe(1);
    first.wire.close();
    const second = wired();
    give(second.port);
    await expect(done).rejects.toMatchObject({ failure: { code: 'unreachable' } });
    expect(second.wire.sent).toEqual([]);
  });

  it('takes no notice of an old port that closes late', () => {
    let give: (port: Port) => void = () => {};
    const engine = connect({ start: (onPort) => (give = onPort) });
    const [first, second] = [wired(), wired()];
    give(first.port);
    give(second.port);
    first.wire.close();
    expect(engine.status()).toBe('open');
  });
});

describe('the back-off', () => {
  it('grows to a limit and never to nothing', () => {
    const least = [0, 1, 2, 3, 20].map((attempt) => backoffMs(attempt, () => 0));
    expect(least).toEqual([125, 250, 500, 1_000, 4_000]);
    expect(backoffMs(1_000, () => 1)).toBe(8_000);
  });
});
