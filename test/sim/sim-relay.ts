import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  beginEpoch,
  noMetrics,
  openWorkspaceFile,
  Room,
  type RoomLimits,
  type RoomSession,
  SqlLog,
  type Wire,
} from '@parley/relay/room';
import { canSeeStream } from '@parley/sync/core';
import { type Fact, must, type StreamId, type UserId } from '@parley/sync/model';
import { type Bye, decodeUp, encode, type Frame } from '@parley/sync/protocol';
import { type SqlDatabase, SqlView } from '@parley/sync/replica';
import {
  Crash,
  type LoggedFact,
  type ServerEnd,
  type SimConnection,
  SimNode,
  watchedDatabase,
} from '@parley/sync/testing';
import { CROWD_LIMITS, policyOf } from './crowd.ts';
import { founding, WORKSPACE } from './people.ts';
import type { Scene } from './scene.ts';

/** Small enough that a paused device is a slow consumer within seconds. */
const LIMITS: Partial<RoomLimits> = {
  slowBytes: 16_384,
  catchUpBytes: 6_000,
  shedBytes: 4_000,
  cursorEvery: 40,
  turnIntents: 40,
  queuedIntents: 300,
};

const SECRET = Buffer.alloc(32, 7);

/** Where the relay's process may die of a write, or the write may fail. */
export type WriteFault = 'crash-before-commit' | 'crash-after-commit' | 'disk-full';

/** The real room over libSQL, with a process around it that can die. Its disk is what was committed. */
export class SimRelay {
  readonly node: SimNode;
  readonly #scene: Scene;
  #disk: SqlDatabase;
  /** Reads what is committed, and knows nothing of the room's own log. */
  #reader: SqlLog;
  #log: LoggedFact[] = [];
  readonly #heads = new Map<StreamId, number>();
  #room: Room | null = null;
  #life = 0;
  #writeFault: WriteFault | null = null;
  #failures = 0;
  #secret = SECRET;
  /** Its log has gone backwards and doesn't say so. */
  #backwards = false;
  /** How many histories it has had, as one who sees everything counts them. */
  histories = 1;
  #wasSetBack = false;
  #directory: string | null = null;
  #copies = 0;
  onLost: () => void = () => {};

  /** `from`: a copy of another relay's file that it begins with. */
  constructor(scene: Scene, from: string | null = null) {
    this.#scene = scene;
    this.node = new SimNode(scene.kernel, 'relay', () => this.crash('of a write'));
    this.#disk = from === null ? openWorkspaceFile(':memory:') : this.#openCopy(from);
    this.#reader = new SqlLog(this.#disk);
    this.view = new SqlView(this.#disk);
  }

  discard(): void {
    this.#disk.close();
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The projection, read past every cache. */
  view: SqlView;

  /** Its file, as a backup has it; a path. */
  copy(): string {
    const path = this.#newPath();
    this.#disk.prepare('VACUUM INTO ?').run([path]);
    return path;
  }

  #newPath(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'parley-sim-'));
    this.#copies += 1;
    return join(this.#directory, `${this.#copies}.db`);
  }

  /** Somebody stops it and puts an earlier copy in the place of its file; with a new epoch, and secret, or as it was. */
  setBack(copy: string, anew: boolean, newSecret: boolean): void {
    this.crash('and is set back');
    this.histories += 1;
    this.#disk.close();
    this.#disk = this.#openCopy(copy);
    this.#reader = new SqlLog(this.#disk);
    this.view = new SqlView(this.#disk);
    this.#log = [];
    this.#heads.clear();
    if (newSecret) this.#secret = Buffer.from(this.#scene.kernel.rng.fill(new Uint8Array(32)));
    this.#backwards = this.#wasSetBack = true;
    if (anew) this.sayAnew();
  }

  #openCopy(copy: string): SqlDatabase {
    const path = this.#newPath();
    copyFileSync(copy, path);
    const disk = openWorkspaceFile(path);
    // What is committed is its disk here; the machine's own is not under test.
    disk.exec('PRAGMA synchronous = OFF');
    return disk;
  }

  /** Somebody has noticed, and says that its log is another history now. */
  sayAnew(): void {
    if (!this.#backwards) return;
    this.crash('and is said to have another history');
    this.#backwards = false;
    beginEpoch(this.#disk, (bytes) => this.#scene.kernel.rng.fill(bytes));
  }

  /** Whether it ever lost anything. */
  get wasSetBack(): boolean {
    return this.#wasSetBack;
  }

  get database(): SqlDatabase {
    return this.#disk;
  }

  get room(): Room | null {
    return this.#room;
  }

  start(): void {
    const env = this.node.start();
    const life = ++this.#life;
    const db = watchedDatabase(
      this.#disk,
      {
        beforeCommit: () => {
          if (this.#writeFault === 'crash-before-commit') this.#die();
          if (this.#writeFault === 'disk-full') {
            this.#writeFault = null;
            this.#failures += 1;
            this.#scene.history.note(this.#scene.kernel.elapsed, 'relay', 'has no room on its disk');
            throw new Error('database or disk is full');
          }
        },
        afterCommit: () => {
          if (this.#writeFault === 'crash-after-commit') this.#die();
        },
      },
      () => life !== this.#life,
    );
    const metrics = {
      ...noMetrics,
      alarm: (what: string) => {
        if (life !== this.#life) return;
        // A full disk is announced, as it should be; any other alarm is a find.
        if (what.startsWith('transaction failed') && this.#failures-- > 0) return;
        if (what.includes('backwards') && this.#backwards) return;
        this.#scene.breach('alarm', what);
      },
    };
    this.#room = Room.open({
      workspace: WORKSPACE,
      db,
      log: new SqlLog(db),
      secret: this.#secret,
      env,
      metrics,
      limits: this.#scene.crowd ? { ...LIMITS, ...CROWD_LIMITS } : LIMITS,
      policy: policyOf(this.#scene.crowd, life),
    });
  }

  found(): void {
    const ops = founding(this.#scene.kernel.now);
    void must(this.#room, 'the relay runs').provision(ops);
    this.#scene.kernel.run(this.#scene.kernel.now + 1_000);
    const log = this.log();
    if (!ops.every(({ i }) => log.some(({ fact }) => fact.i === i)))
      throw new Error('the workspace could not be founded');
  }

  /** The next commit of a batch fails in this way. */
  armWriteFault(fault: WriteFault): void {
    this.#writeFault = fault;
  }

  /** How the next commit fails, or null. */
  get armed(): WriteFault | null {
    return this.#writeFault;
  }

  disarm(): void {
    this.#writeFault = null;
  }

  /** The process is gone; what was committed stays. */
  crash(why: string): void {
    if (!this.node.alive) return;
    this.#scene.history.note(this.#scene.kernel.elapsed, 'relay', `crashes ${why}`);
    this.node.kill();
    this.#life += 1;
    this.#room = null;
    this.#writeFault = null;
    if (this.#disk.inTransaction) this.#disk.exec('ROLLBACK');
    this.onLost();
  }

  #die(): never {
    const why = this.#writeFault ?? 'crash';
    this.#writeFault = null;
    // The transaction is still open where the commit has not happened.
    this.crash(`at ${why}`);
    throw new Crash(why);
  }

  accept(connection: SimConnection): ServerEnd {
    const socket = connection.serverSocket;
    const wire: Wire = {
      send: (frame) => socket.send(frame),
      get bufferedBytes() {
        return socket.bufferedBytes;
      },
      close: (bye) => {
        socket.send(encode(bye));
        socket.close();
      },
    };
    let session: RoomSession | null = null;
    let over = false;
    return {
      receive: (frame) => {
        if (over) return;
        if (session) return session.receive(frame);
        const joined = this.#greet(connection, wire, frame);
        if ('m' in joined) wire.close(joined);
        else if (over) joined.closed();
        else session = joined;
      },
      closed: () => {
        over = true;
        session?.closed();
      },
    };
  }

  /** What the edge does before a room hears of a device. */
  #greet(connection: SimConnection, wire: Wire, frame: Frame): RoomSession | Bye {
    const decoded = decodeUp(frame);
    if (!decoded.ok || decoded.message.m !== 'hello')
      return { m: 'bye', code: 'bad_hello', detail: 'The first frame is a hello.' };
    const hello = decoded.message;
    const user = this.#scene.userOf(connection.client, hello.token, hello.device);
    if (!user || !this.#room) return { m: 'bye', code: 'unauthenticated', detail: 'Sign in again.' };
    return this.#room.join(wire, hello, { user, device: hello.device });
  }

  /** The log, whole. */
  log(): readonly LoggedFact[] {
    for (const { text } of this.#reader.read(this.#log.length, Number.MAX_SAFE_INTEGER)) {
      const fact = JSON.parse(text) as Fact;
      this.#log.push({ text, fact });
      this.#heads.set(fact.s, fact.q);
    }
    return this.#log;
  }

  heads(): ReadonlyMap<StreamId, number> {
    this.log();
    return this.#heads;
  }

  sees(user: UserId, s: StreamId): boolean {
    return canSeeStream(this.view, user, s) !== null;
  }
}
