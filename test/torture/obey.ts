import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { onFailpoint } from '@parley/sync/core';
import { ARMED, type Arming, FULL_DISK, type Order, type Said } from './orders.ts';

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
  const arm = (arming: Arming) => {
    armed = { ...arming, left: arming.times };
  };
  const first = process.env[ARMED];
  if (first) arm(JSON.parse(first) as Arming);
  onFailpoint((at) => {
    if (armed?.at !== at) return;
    armed.left -= 1;
    if (armed.left > 0) return;
    const { does } = armed;
    armed = null;
    say({ is: 'at', at, does });
    if (does === 'fail') throw new Error(FULL_DISK);
    // Neither is put off: the next instruction runs once the process is gone on with, or never.
    process.kill(process.pid, does === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  });
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const order = JSON.parse(line) as Order | { readonly do: '' };
      if (order.do === 'arm') arm(order.arming);
      else if (order.do === 'disarm') armed = null;
      else others(order);
    })
    .on('close', () => process.exit(0));
  setTimeout(flushCompileCache, LOADED_MS).unref();
}
