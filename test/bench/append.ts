import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  conversationStream,
  type Intent,
  MAX_PUSH,
  OP_VERSION,
  type OpId,
  personalStream,
  type UserId,
} from '@parley/sync/model';
import { decodeDown, PROTOCOL_VERSION } from '@parley/sync/protocol';
import Database from 'libsql';
import { chatLine, generator } from './facts.ts';
import { type Bench, result } from './report.ts';
import { freshDevice, freshId, type Scene, scene } from './scene.ts';

const OPS = 40_000;
const SINGLES = 600;
const BARE_BATCH = 100;

/** A device of the scene that counts its verdicts and hears nothing else. */
class Pusher {
  readonly user: UserId;
  readonly #session: { receive(frame: string): void };
  answered = 0;
  refused = 0;
  #n = 0;
  #wake: (() => void) | null = null;

  constructor({ room, workspace }: Scene, user: UserId) {
    this.user = user;
    const device = freshDevice();
    const boot = room.bootstrap(user);
    if ('m' in boot) throw new Error(boot.detail);
    const hello = {
      m: 'hello',
      p: PROTOCOL_VERSION,
      token: 'bench',
      ws: workspace,
      device,
      cursor: boot.cursor,
    } as const;
    const joined = room.join(
      {
        bufferedBytes: 0,
        close: () => {},
        send: (frame) => {
          // Live facts come as shared buffers; only what is this device's own is looked at.
          if (Buffer.isBuffer(frame)) return;
          const decoded = decodeDown(frame);
          if (!decoded.ok || decoded.message.m !== 'verdict') return;
          this.answered += decoded.message.v.length;
          this.refused += decoded.message.v.filter((verdict) => !verdict.ok).length;
          this.#wake?.();
        },
      },
      hello,
      { user, device },
    );
    if ('m' in joined) throw new Error(joined.detail);
    this.#session = joined;
  }

  push(intents: readonly Omit<Intent, 'n'>[]): void {
    const ops = intents.map((intent) => ({ ...intent, n: ++this.#n }));
    this.#session.receive(JSON.stringify({ m: 'push', ops }));
  }

  async until(count: number): Promise<void> {
    while (this.answered < count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

/** Mixed ops as a busy team makes them: mostly messages, some replies, reactions, edits and read markers. */
function mixed(
  { channels }: Scene,
  user: UserId,
  next: () => number,
  own: { id: OpId; ch: number }[],
  count: number,
): Omit<Intent, 'n'>[] {
  return Array.from({ length: count }, () => {
    const ch = Math.floor(next() * channels.length);
    const s = conversationStream(channels[ch] as (typeof channels)[number]);
    const base = { i: freshId(), s, v: OP_VERSION, t: Date.now() };
    const kind = next();
    const target = own[Math.floor(next() * own.length)];
    if (kind < 0.75 || !target) {
      own.push({ id: base.i, ch });
      return { ...base, k: 'msg.create', b: { text: chatLine(next) } };
    }
    const there = { ...base, s: conversationStream(channels[target.ch] as (typeof channels)[number]) };
    if (kind < 0.85) return { ...there, k: 'react.add', b: { msg: target.id, emoji: '👍' } };
    if (kind < 0.9) return { ...there, k: 'msg.edit', b: { msg: target.id, text: chatLine(next) } };
    return { ...base, s: personalStream(user), k: 'draft.set', b: { ch: channels[ch], text: chatLine(next) } };
  }) as Omit<Intent, 'n'>[];
}

async function roomAppend(stage: Scene): Promise<{ seconds: number; refused: number }> {
  const next = generator(7);
  const pushers = stage.users
    .slice(0, 8)
    .map((user) => ({ pusher: new Pusher(stage, user), own: [] as { id: OpId; ch: number }[] }));
  const each = OPS / pushers.length;
  const pushes = pushers.map(({ pusher, own }) => {
    const frames: Omit<Intent, 'n'>[][] = [];
    for (let at = 0; at < each; at += MAX_PUSH)
      frames.push(mixed(stage, pusher.user, next, own, Math.min(MAX_PUSH, each - at)));
    return frames;
  });
  const start = performance.now();
  await Promise.all(
    pushers.map(async ({ pusher }, at) => {
      let sent = 0;
      for (const frame of pushes[at] ?? []) {
        pusher.push(frame);
        sent += frame.length;
        await pusher.until(sent - MAX_PUSH);
      }
      await pusher.until(sent);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return { seconds, refused: pushers.reduce((sum, { pusher }) => sum + pusher.refused, 0) };
}

async function roomSingles(stage: Scene): Promise<number> {
  const next = generator(8);
  const pusher = new Pusher(stage, stage.users[9] as UserId);
  const own: { id: OpId; ch: number }[] = [];
  const start = performance.now();
  for (let at = 1; at <= SINGLES; at++) {
    pusher.push(mixed(stage, pusher.user, next, own, 1));
    await pusher.until(at);
  }
  return SINGLES / ((performance.now() - start) / 1000);
}

/** The log's own rows, inserted by the bare binding, 100 to a fsynced transaction. */
function bareAppend({ directory }: Scene, texts: readonly string[]): number {
  const db = new Database(join(directory, 'bare.db'));
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE log (pos INTEGER PRIMARY KEY, fact TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO log (fact) VALUES (?)');
  const start = performance.now();
  for (let at = 0; at < texts.length; at += BARE_BATCH) {
    db.exec('BEGIN IMMEDIATE');
    for (const text of texts.slice(at, at + BARE_BATCH)) insert.run([text]);
    db.exec('COMMIT');
  }
  const seconds = (performance.now() - start) / 1000;
  db.close();
  return texts.length / seconds;
}

function rawSyncRate(directory: string): number {
  const fd = openSync(join(directory, 'sync'), 'w');
  const block = Buffer.alloc(4_096, 1);
  const start = performance.now();
  for (let at = 0; at < SINGLES; at++) {
    writeSync(fd, block);
    fdatasyncSync(fd);
  }
  const rate = SINGLES / ((performance.now() - start) / 1000);
  closeSync(fd);
  return rate;
}

export async function benchAppend(): Promise<Bench> {
  const stage = await scene(50, 8);
  try {
    const { seconds, refused } = await roomAppend(stage);
    const singles = await roomSingles(stage);
    stage.room.close();
    const facts = new Database(join(stage.directory, 'room.db'))
      .prepare('SELECT fact FROM log ORDER BY pos DESC LIMIT ?')
      .all([OPS]) as { fact: string }[];
    const bare = bareAppend(
      stage,
      facts.map(({ fact }) => fact),
    );
    const raw = rawSyncRate(stage.directory);
    return {
      bench: 'append',
      results: [
        result(
          'mixed ops decided, projected, fsynced',
          'ops/s',
          OPS / seconds,
          bare,
          { atLeast: 0.25 },
          `${OPS} ops of 8 devices, ${refused} refused; baseline: the same bytes through bare libSQL, ${BARE_BATCH} to a FULL transaction`,
        ),
        result(
          'one op at a time, acknowledged',
          'ops/s',
          singles,
          raw,
          { atLeast: 0.5 },
          'baseline: write 4 KiB and fdatasync',
        ),
      ],
    };
  } finally {
    rmSync(stage.directory, { recursive: true, force: true });
  }
}
