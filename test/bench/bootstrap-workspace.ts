import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relayCommand } from '@parley/relay';
import { nodeEnv, openWorkspaceFile, type ProvisionOp, Room, SqlLog } from '@parley/relay/room';
import {
  type ChannelId,
  conversationStream,
  type MessageId,
  membershipStream,
  newId,
  type OpId,
  PEOPLE_STREAM,
  SYSTEM_USER,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import { chatTexts } from './bootstrap-texts.ts';
import { generator } from './facts.ts';

/** Changed with what is made below, so that an older copy is not taken for this one. */
export const RECIPE = 6;
const PEOPLE = 300;
const PUBLIC = 40;
const PRIVATE = 12;
const BATCH = 2_000;

/** A conversation that everyone is in, and in which most is said. */
export const BUSIEST = 'public-0';
export const MILLION = 1_000_000;

/** What the workspace is made of, and who signs in to it. */
export interface BigWorkspace {
  /** A relay's data directory, to be copied before it is served. */
  readonly data: string;
  readonly workspace: WorkspaceId;
  readonly messages: number;
  /** Of them in private conversations; the one who signs in is in all of those. */
  readonly privately: number;
  readonly email: string;
  readonly password: string;
}

const EMAIL = 'ann@example.test';
const PASSWORD = 'bench correct horse';

/**
 * A relay's data directory with one workspace of so many messages, in people's own words: made once and kept in the
 * temporary folder, for it takes a minute or two. With none it is the same people and conversations, empty.
 */
export async function bigWorkspace(messages: number, privateShare = 0.05): Promise<BigWorkspace> {
  const kept = join(tmpdir(), `parley-bench-workspace-${RECIPE}-${messages}-${privateShare}`);
  const told = join(kept, 'made.json');
  if (!existsSync(told)) {
    const draft = `${kept}.${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const made = await make(join(draft, 'relay'), messages, privateShare);
    writeFileSync(join(draft, 'made.json'), JSON.stringify(made));
    rmSync(kept, { recursive: true, force: true });
    renameSync(draft, kept);
  }
  const made = JSON.parse(readFileSync(told, 'utf8')) as Omit<BigWorkspace, 'data'>;
  return { ...made, data: join(kept, 'relay') };
}

/** A copy of it that may be served and written to. */
export function copyOf({ data }: BigWorkspace, target: string): string {
  cpSync(data, target, { recursive: true });
  return target;
}

async function make(data: string, messages: number, privateShare: number): Promise<Omit<BigWorkspace, 'data'>> {
  const { workspace } = await relayCommand(data, 'workspace.add', {
    workspace: 'Bench',
    owner: 'owner@example.test',
    password: PASSWORD,
    first: true,
  });
  const { user: ann } = await relayCommand(data, 'user.add', { email: EMAIL, name: 'Ann', password: PASSWORD });
  const db = openWorkspaceFile(join(data, 'ws', `${workspace.id}.db`));
  const room = Room.open({
    workspace: workspace.id,
    db,
    log: new SqlLog(db),
    secret: readFileSync(join(data, 'secret.key')),
    env: nodeEnv,
    limits: { turnSystemOps: 500 },
  });
  const privately = await furnish((ops) => room.provision(ops), ann.id, messages, privateShare);
  room.close();
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  return { workspace: workspace.id, messages, privately, email: EMAIL, password: PASSWORD };
}

type Provide = (ops: readonly ProvisionOp[]) => Promise<readonly { readonly ok: boolean }[]>;

/** People, conversations and their messages; answers how many of these are private. */
async function furnish(provide: Provide, ann: UserId, messages: number, privateShare: number): Promise<number> {
  const next = generator(11);
  let clock = Date.now() - (messages + 10_000) * 1_000;
  const random = (bytes: Uint8Array) => bytes.map(() => Math.floor(next() * 256));
  const tick = () => (clock += 1_000);
  const id = <T extends string = OpId>(): T => newId<T>(tick(), random);
  let waiting: ProvisionOp[] = [];
  const flush = async () => {
    const refused = (await provide(waiting)).find(({ ok }) => !ok);
    if (refused) throw new Error(`the workspace could not be made: ${JSON.stringify(refused)}`);
    waiting = [];
  };
  const put = async (op: Omit<ProvisionOp, 'at'>) => {
    waiting.push({ ...op, at: clock } as ProvisionOp);
    if (waiting.length >= BATCH) await flush();
  };

  const others = Array.from({ length: PEOPLE - 1 }, () => id<UserId>());
  const people = [ann, ...others];
  for (const [n, user] of others.entries())
    await put({
      i: id(),
      s: PEOPLE_STREAM,
      k: 'user.add',
      b: { user, name: `Person ${n}`, handle: `p${n}`, email: null, role: 'member', claimed: true },
      a: SYSTEM_USER,
    });
  const channels = Array.from({ length: PUBLIC + PRIVATE }, () => id<ChannelId>());
  for (const [n, ch] of channels.entries()) {
    const kind = n < PUBLIC ? 'public' : 'private';
    // Some have everyone in them, the others a fifth; who signs in is in all private ones, or would see less than there is.
    const users = n % 4 === 0 ? people : others.filter(() => next() < 0.2);
    if (n % 4 !== 0 && (n >= PUBLIC || next() < 0.2)) users.push(ann);
    await put({
      i: ch as string as OpId,
      s: conversationStream(ch),
      k: 'ch.create',
      b: { kind, name: `${kind}-${n}` },
      a: SYSTEM_USER,
    });
    await put({ i: id(), s: membershipStream(ch), k: 'mem.invite', b: { users }, a: SYSTEM_USER });
  }

  const texts = messages > 0 ? await chatTexts() : [];
  const roots = channels.map((): MessageId[] => []);
  const last = channels.map((): MessageId | null => null);
  let privately = 0;
  for (let at = 0; at < messages; at++) {
    const hidden = next() < privateShare;
    // A few conversations have most of what is said, as everywhere.
    const c = hidden ? PUBLIC + Math.floor(next() * PRIVATE) : Math.floor(next() ** 2 * PUBLIC);
    if (hidden) privately += 1;
    const ch = channels[c] as ChannelId;
    const s = conversationStream(ch);
    const started = roots[c] as MessageId[];
    const thread = next() < 0.2 ? started.at(-1 - Math.floor(next() * 20)) : undefined;
    const mention = next() < 0.02 ? `<@${people[Math.floor(next() * PEOPLE)]}> ` : '';
    const i = id();
    const a = people[Math.floor(next() ** 2 * PEOPLE)] as UserId;
    // The same words come round again, and each time with one that no other message has.
    const words = `${mention}${texts[at % texts.length]}${at >= texts.length ? ` m${at.toString(36)}` : ''}`;
    await put({ i, s, k: 'msg.create', b: { text: words, ...(thread ? { thread } : {}) }, a });
    if (!thread) {
      started.push(i as string as MessageId);
      if (started.length > 64) started.shift();
    }
    const reacted = next() < 0.02 ? last[c] : null;
    if (reacted) await put({ i: id(), s, k: 'react.add', b: { msg: reacted, emoji: '👍' }, a: people[1] as UserId });
    last[c] = i as string as MessageId;
  }
  await flush();
  return privately;
}
