import type { StreamId } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import { expect, it } from 'vitest';
import { nodeEnv } from '../room/node-env.ts';
import { bootstrapStream, STALLED_MS } from './bootstrap-stream.ts';

const frame: RowsFrame = { m: 'rows', r: 0, s: 'w' as StreamId, head: 1, lo: 0, next: 'x'.repeat(200), tables: [] };

it('a bootstrap nobody reads gives its place back after a while', async () => {
  const waits: number[] = [];
  const env = {
    ...nodeEnv,
    timer: (ms: number, fn: () => void) => {
      waits.push(ms);
      return nodeEnv.timer(20, fn);
    },
  };
  const rows = { cursor: 'c', epoch: 'e', frames: Array.from({ length: 5_000 }, () => frame) };
  let ended = 0;
  const stream = bootstrapStream(rows, env, () => (ended += 1));
  const failed = new Promise<Error>((resolve) => stream.once('error', resolve));
  stream.read(0);
  expect((await failed).message).toContain('stalled');
  await expect.poll(() => ended).toBe(1);
  expect(new Set(waits)).toEqual(new Set([STALLED_MS]));
});

it('a bootstrap of nothing is whole', async () => {
  const stream = bootstrapStream({ cursor: 'c', epoch: 'e', frames: [] }, nodeEnv, () => {});
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe('{"bootstrap":1,"cursor":"c","epoch":"e"}\n{"end":true,"frames":0}\n');
});
