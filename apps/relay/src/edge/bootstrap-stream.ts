import { Readable } from 'node:stream';
import { failpoint } from '@parley/sync/core';
import type { BootstrapRows } from '../relay/workspace-room.ts';
import type { RoomEnv } from '../room/env.ts';

/** Bytes handed on at once, and read in one turn of the event loop: larger ones would hold live traffic up. */
const CHUNK_CHARS = 65_536;
/** A reader who takes nothing for this long has gone or never meant to; its place is given to others. */
export const STALLED_MS = 60_000;

/** The lines of a bootstrap. Only the last one says that it is whole. */
function* linesOf({ cursor, epoch, frames }: BootstrapRows): Generator<string> {
  yield `${JSON.stringify({ bootstrap: 1, cursor, epoch })}\n`;
  let count = 0;
  for (const frame of frames) {
    count += 1;
    failpoint('copy.read');
    yield `${JSON.stringify(frame)}\n`;
  }
  yield `${JSON.stringify({ end: true, frames: count })}\n`;
}

/** A bootstrap as a stream that reads on only as fast as it is read. `onEnd` is called once, however it ends. */
export function bootstrapStream(rows: BootstrapRows, env: RoomEnv, onEnd: () => void): Readable {
  async function* chunks(): AsyncGenerator<string> {
    try {
      let chunk = '';
      for (const line of linesOf(rows)) {
        chunk += line;
        if (chunk.length < CHUNK_CHARS) continue;
        yield* guarded(chunk);
        chunk = '';
        await new Promise<void>((resolve) => env.defer(resolve));
      }
      yield* guarded(chunk);
    } finally {
      onEnd();
    }
  }
  function* guarded(chunk: string): Generator<string> {
    const cancel = env.timer(STALLED_MS, () => stream.destroy(new Error('the reader of a bootstrap stalled')));
    try {
      yield chunk;
    } finally {
      cancel();
    }
  }
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: CHUNK_CHARS });
  return stream;
}
