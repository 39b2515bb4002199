import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { onFailpoint } from '@parley/sync/core';
import type { Arming, Order, Said } from './orders.ts';

/** Where the harness listens. */
const TO_HARNESS = 3;
/** By then everything a process needs has been loaded. A killed one keeps nothing of what it compiled. */
const LOADED_MS = 2_000;

/** Written without a buffer of our own: what was said outlives being killed. */
export const say = (message: Said): void => void writeSync(TO_HARNESS, `${JSON.stringify(message)}\n`);

/**
 * Takes the harness's orders on standard input: arms failpoints, and hands on what is for others. Ends this process when
 * the harness is gone, so that nothing is left running.
 */
export function obey(others: (order: { readonly do: string }) => void = () => {}): void {
  let armed: (Arming & { left: number }) | null = null;
  onFailpoint((at) => {
    if (armed?.at !== at) return;
    armed.left -= 1;
    if (armed.left > 0) return;
    const { then } = armed;
    armed = null;
    say({ is: 'at', at, then });
    // Neither is put off: the next instruction runs once the process is gone on with, or never.
    process.kill(process.pid, then === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  });
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const order = JSON.parse(line) as Order | { readonly do: '' };
      if (order.do === 'arm') armed = { ...order.arming, left: order.arming.times };
      else if (order.do === 'disarm') armed = null;
      else others(order);
    })
    .on('close', () => process.exit(0));
  setTimeout(flushCompileCache, LOADED_MS).unref();
}
