import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { KeystoreReply } from '../host/keystore-port.ts';
import { EngineHost, type HostProcess } from './engine-host.ts';

/** Stands where Electron's process object would. */
class TestProcess extends EventEmitter implements HostProcess<string> {
  readonly orders: unknown[] = [];
  postMessage(order: unknown, ports?: string[]): void {
    this.orders.push(ports ? [order, ...ports] : order);
  }
  kill(): boolean {
    return this.emit('exit', 15);
  }
}

function setUp() {
  const processes: TestProcess[] = [];
  const timers: { delayMs: number; callback: () => void }[] = [];
  const failures: string[] = [];
  const asked: ((reply: KeystoreReply) => void)[] = [];
  let channels = 0;
  const host = new EngineHost<string>({
    fork() {
      const process = new TestProcess();
      processes.push(process);
      return process;
    },
    channel: () => ({ port1: `host${++channels}`, port2: `window${channels}` }),
    timer(delayMs, callback) {
      const timer = { delayMs, callback };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    keystore: () => new Promise((resolve) => asked.push(resolve)),
    onFailed: (detail) => failures.push(detail),
    log: () => {},
  });
  const fire = () =>
    timers.splice(0).map(({ delayMs, callback }) => {
      callback();
      return delayMs;
    });
  const reply = (said: KeystoreReply) => asked.shift()?.(said);
  return { host, processes, timers, failures, fire, reply };
}

describe('the engine’s process', () => {
  it('serves each window that asks by a channel of its own', () => {
    const { host, processes } = setUp();
    const got: string[] = [];
    host.start();
    host.connect(1, (port) => got.push(`1:${port}`));
    host.connect(2, (port) => got.push(`2:${port}`));
    expect(got).toEqual(['1:window1', '2:window2']);
    expect(processes[0]?.orders).toEqual([
      ['serve', 'host1'],
      ['serve', 'host2'],
    ]);
  });

  it('is started again after a crash, and every window that is still there gets a new port', () => {
    const { host, processes, fire } = setUp();
    const got: string[] = [];
    host.start();
    host.connect(1, (port) => got.push(`1:${port}`));
    host.connect(2, (port) => got.push(`2:${port}`));
    host.forget(1);
    processes[0]?.emit('exit', 139);
    expect(fire()).toEqual([100]);
    expect(processes).toHaveLength(2);
    expect(got.slice(2)).toEqual(['2:window3']);
    expect(processes[1]?.orders).toEqual([['serve', 'host3']]);
  });

  it('serves a window that asks while it is away as soon as it is back', () => {
    const { host, processes, fire } = setUp();
    const got: string[] = [];
    host.start();
    processes[0]?.emit('exit', 1);
    host.connect(1, (port) => got.push(port));
    expect(got).toEqual([]);
    fire();
    expect(got).toEqual(['window1']);
  });

  it('is started ever more slowly while it keeps crashing, and quickly again once it has run well', () => {
    const { host, processes, timers, fire } = setUp();
    host.start();
    const waits: number[] = [];
    for (let crash = 0; crash < 9; crash++) {
      processes.at(-1)?.emit('exit', 1);
      waits.push(...fire());
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(timers.map((timer) => timer.delayMs)).toEqual([30_000]);
    fire();
    processes.at(-1)?.emit('exit', 1);
    expect(fire()).toEqual([100]);
  });

  it('carries the home’s key between its process and the keystore, and to no other process', async () => {
    const { host, processes, fire, reply } = setUp();
    host.start();
    processes[0]?.emit('message', { state: 'asks', id: 1, question: { ask: 'available' } });
    reply({ reply: 'available' });
    await expect.poll(() => processes[0]?.orders).toEqual([{ answers: 1, reply: { reply: 'available' } }]);
    processes[0]?.emit('message', { state: 'asks', id: 2, question: { ask: 'unseal', sealed: new Uint8Array(1) } });
    processes[0]?.emit('exit', 1);
    fire();
    reply({ reply: 'unsealed', secret: new Uint8Array(32), stale: false });
    await Promise.resolve();
    expect(processes[0]?.orders).toHaveLength(1);
    expect(processes[1]?.orders).toEqual([]);
  });

  it('tells why where its home can’t be opened', () => {
    const { host, processes, failures } = setUp();
    host.start();
    processes[0]?.emit('message', { state: 'failed', detail: 'no space' });
    expect(failures).toEqual(['no space']);
  });

  it('stops when asked, by force if it must, and stays stopped', async () => {
    for (const willing of [true, false]) {
      const { host, processes, timers, fire } = setUp();
      host.start();
      const stopped = host.stop();
      expect(processes[0]?.orders).toEqual(['stop']);
      if (willing) processes[0]?.emit('exit', 0);
      else expect(fire()).toEqual([3_000]);
      await stopped;
      expect(processes).toHaveLength(1);
      expect(timers).toEqual([]);
      host.connect(1, () => expect.unreachable());
    }
  });
});
