import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { RoomEnv } from '../room/env.ts';
import type { OpenSegment } from '../segments/mod.ts';
import { STALLED_MS } from './bootstrap-stream.ts';

/** Read and handed on at once; a reader who is slow holds no more than a few of these. */
const PIECE_BYTES = 524_288;

export interface SegmentPart {
  readonly segment: OpenSegment;
  /** First and last byte. */
  readonly from: number;
  readonly to: number;
  /** Whether the one who reads may still see what is in it; asked before each piece. */
  mayRead(): boolean;
}

/** A part of a segment's file as a stream that reads on only as fast as it is read. `onEnd` is called once, however it ends. */
export async function segmentStream(part: SegmentPart, env: RoomEnv, onEnd: () => void): Promise<Readable> {
  const file = await open(part.segment.file, 'r').catch((error: unknown) => {
    onEnd();
    throw error;
  });
  const stream = Readable.from(
    pieces(file, part, env, (error) => stream.destroy(error)),
    {
      objectMode: false,
      highWaterMark: PIECE_BYTES,
    },
  );
  stream.once('close', () => {
    onEnd();
    // A generator that was never begun has closed nothing.
    void file.close();
  });
  return stream;
}

async function* pieces(
  file: FileHandle,
  { segment, from, to, mayRead }: SegmentPart,
  env: RoomEnv,
  giveUp: (error: Error) => void,
): AsyncGenerator<Buffer> {
  for (let at = from; at <= to; ) {
    if (!segment.allowed() || !mayRead()) throw new Error('what is in the segment is no longer the reader’s to see');
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, to + 1 - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('a segment is shorter than its record says');
    at += bytesRead;
    const cancel = env.timer(STALLED_MS, () => giveUp(new Error('the reader of a segment stalled')));
    try {
      yield piece.subarray(0, bytesRead);
    } finally {
      cancel();
    }
  }
}
