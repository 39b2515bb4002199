import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { onFailpoint } from '@parley/sync/core';
import type { Arming, Order, Said } from './orders.ts';

/** Where the harness listens. Written without a buffer of our own: what is said outlives being killed. */
const TO_HARNESS = 3;

export const say = (message: Said): void => void writeSync(TO_HARNESS, `${JSON.stringify(message)}\n`);

/**
 * Takes the harness's orders on standard input, arms failpoints, and hands on the rest. Ends this process when the
 * harness is gone, so that nothing is left running.
 */
export function obey(further: (order: { readonly do: string }) => void = () => {}): void {
  // A process that is killed keeps no code it compiled; the next one of its kind would compile it all again.
  flushCompileCache();
  let armed: (Arming & { left: number }) | null = null;
  onFailpoint((at) => {
    if (armed?.at !== at) return;
    armed.left -= 1;
    if (armed.left > 0) return;
    const { then } = armed;
    armed = null;
    say({ is: 'at', at, then });
    // Neither is put off: the next instruction runs after the process was gone on with, or never.
    process.kill(process.pid, then === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const order = JSON.parse(line) as Order | { readonly do: '' };
    if (order.do === 'arm') armed = { ...order.arming, left: order.arming.times };
    else if (order.do === 'disarm') armed = null;
    else further(order);
  });
  lines.on('close', () => process.exit(0));
}
