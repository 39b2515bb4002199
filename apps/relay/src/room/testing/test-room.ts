import {
  type Body,
  type ChannelId,
  conversationStream,
  type DeviceId,
  type Intent,
  type MessageId,
  membershipStream,
  newId,
  type OpId,
  type OpKind,
  PEOPLE_STREAM,
  type Role,
  type StreamId,
  SYSTEM_USER,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import { PROTOCOL_VERSION, type Up } from '@parley/sync/protocol';
import type { SqlDatabase } from '@parley/sync/replica';
import { type LogStore, SqlLog } from '../../log/mod.ts';
import { openWorkspaceFile } from '../../storage/mod.ts';
import type { RoomLimits } from '../limits.ts';
import type { RoomMetrics } from '../metrics.ts';
import type { PolicySetting } from '../policy.ts';
import type { ProvisionOp, ProvisionVerdict } from '../provision.ts';
import { Room } from '../room.ts';
import type { RoomSession } from '../wire.ts';
import { HandDrivenEnv } from './hand-driven-env.ts';
import { ScriptedWire } from './scripted-wire.ts';

const WORKSPACE = '11111111-1111-7111-8111-111111111111' as WorkspaceId;
const SECRET = new Uint8Array(32).fill(7);

export interface TestRoomOptions {
  readonly db?: SqlDatabase;
  readonly log?: LogStore;
  readonly env?: HandDrivenEnv;
  readonly limits?: Partial<RoomLimits>;
  readonly policy?: PolicySetting;
  readonly metrics?: RoomMetrics;
  readonly secret?: Uint8Array;
}

/** A room on a real libSQL database in memory, driven by hand. */
export class TestRoom {
  readonly env: HandDrivenEnv;
  readonly db: SqlDatabase;
  readonly log: LogStore;
  readonly room: Room;
  readonly workspace = WORKSPACE;

  constructor(options: TestRoomOptions = {}) {
    this.env = options.env ?? new HandDrivenEnv();
    this.db = options.db ?? openWorkspaceFile(':memory:');
    this.log = options.log ?? new SqlLog(this.db);
    this.room = Room.open({
      workspace: WORKSPACE,
      db: this.db,
      log: this.log,
      secret: options.secret ?? SECRET,
      env: this.env,
      ...(options.limits ? { limits: options.limits } : {}),
      ...(options.policy ? { policy: options.policy } : {}),
      ...(options.metrics ? { metrics: options.metrics } : {}),
    });
  }

  id<T extends string = OpId>(): T {
    return newId<T>(this.env.now(), this.env.random);
  }

  /** Does system ops at once. */
  async provide(...ops: ProvisionOp[]): Promise<readonly ProvisionVerdict[]> {
    const done = this.room.provision(ops);
    this.env.settle();
    return done;
  }

  op<K extends OpKind>(s: StreamId, k: K, b: Body<K>, a: UserId = SYSTEM_USER, i: OpId = this.id()): ProvisionOp {
    return { i, s, k, b, a, at: this.env.now() } as ProvisionOp;
  }

  async person(name: string, role: Role = 'member'): Promise<UserId> {
    const user = this.id<UserId>();
    const body = { user, name, handle: name, email: `${name}@example.org`, role, claimed: true };
    const [verdict] = await this.provide(this.op(PEOPLE_STREAM, 'user.add', body));
    if (!verdict?.ok) throw new Error(`no person ${name}: ${JSON.stringify(verdict)}`);
    return user;
  }

  /** A channel with these members. */
  async channel(kind: 'public' | 'private', name: string, members: readonly UserId[]): Promise<ChannelId> {
    const i = this.id();
    const ch = i as string as ChannelId;
    const verdicts = await this.provide(
      this.op(conversationStream(ch), 'ch.create', { kind, name }, SYSTEM_USER, i),
      ...(members.length ? [this.op(membershipStream(ch), 'mem.invite', { users: [...members] })] : []),
    );
    if (verdicts.some((verdict) => !verdict.ok)) throw new Error(`no channel ${name}: ${JSON.stringify(verdicts)}`);
    return ch;
  }

  /** A device of `user`, connected at the present end of the log or at `cursor`. */
  connect(user: UserId, options: { device?: DeviceId; cursor?: string; p?: number } = {}): TestDevice {
    const device = this.#join(user, options);
    this.env.settle();
    return device;
  }

  /** A device that is let in and has yet to read anything. */
  connectWithoutSettling(user: UserId, cursor: string): TestDevice {
    return this.#join(user, { cursor });
  }

  #join(user: UserId, options: { device?: DeviceId; cursor?: string; p?: number }): TestDevice {
    const device = options.device ?? this.id<DeviceId>();
    const wire = new ScriptedWire();
    const cursor = options.cursor ?? this.cursorFor(user);
    const session = this.room.join(
      wire,
      { m: 'hello', p: options.p ?? PROTOCOL_VERSION, token: 'token', ws: WORKSPACE, device, cursor },
      { user, device },
    );
    if ('m' in session) throw new Error(`not let in: ${session.code} ${session.detail}`);
    return new TestDevice(this, user, device, wire, session);
  }

  cursorFor(user: UserId): string {
    const bootstrap = this.room.bootstrap(user);
    if ('m' in bootstrap) throw new Error(`no bootstrap: ${bootstrap.code}`);
    return bootstrap.cursor;
  }
}

/** A connected device and its counter. */
export class TestDevice {
  readonly #test: TestRoom;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly wire: ScriptedWire;
  readonly session: RoomSession;
  n: number;

  constructor(test: TestRoom, user: UserId, device: DeviceId, wire: ScriptedWire, session: RoomSession) {
    this.#test = test;
    this.user = user;
    this.device = device;
    this.wire = wire;
    this.session = session;
    this.n = wire.of('welcome')[0]?.lastN ?? 0;
  }

  intent<K extends OpKind>(s: StreamId, k: K, b: Body<K>, patch: Partial<Intent> = {}): Intent {
    this.n += 1;
    return { i: this.#test.id(), n: this.n, s, k, v: 1, t: this.#test.env.now(), b, ...patch } as Intent;
  }

  /** Sends a frame without waiting for what comes of it. */
  send(frame: Up): void {
    this.session.receive(JSON.stringify(frame));
  }

  push(...ops: Intent[]): void {
    this.send({ m: 'push', ops });
    this.#test.env.settle();
  }

  /** Says something and lets the room act on it; the message's id. */
  say(channel: ChannelId, text: string): MessageId {
    const intent = this.intent(conversationStream(channel), 'msg.create', { text });
    this.push(intent);
    return intent.i as string as MessageId;
  }

  ask(frame: Up): void {
    this.send(frame);
    this.#test.env.settle();
  }
}
