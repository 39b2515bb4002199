import { CommandError, type Workspace } from '../engine/mod.ts';
import type { ChannelId, ChannelRole, Commands, MessageId, OpId, Role, UserId, WorkspaceId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from '../replica/mod.ts';
import type { Prng } from './prng.ts';

/** What is carried out here and now; the rest belongs to the account or waits for an answer of the relay. */
type Act = Parameters<Workspace['execute']>[0];
export interface Deed {
  readonly command: Act;
  readonly args: Commands[Act]['args'];
}
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly detail: string };

/** What a person has before their eyes, and what they make up. */
interface Eyes {
  readonly rng: Prng;
  readonly ws: WorkspaceId;
  readonly me: UserId;
  readonly channels: readonly ChannelId[];
  readonly joined: readonly ChannelId[];
  /** Public channels that are not held until they are opened. */
  readonly listed: readonly ChannelId[];
  readonly users: readonly UserId[];
  message(ch: ChannelId): MessageId | undefined;
  root(ch: ChannelId): MessageId | undefined;
  readonly waiting: readonly OpId[];
  readonly refused: readonly OpId[];
  /** A word that stands nowhere else. */
  canary(): string;
}

const EMOJI = ['👍', '🎉', '👀', '❤️', '👩‍👩‍👧‍👦', ':party:', ':wave:'];
/** The smallest PNG header that passes for one. */
const IMAGE = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==';
const NOWHERE = '00000000-0000-7000-8000-00000000dead';

/** A conversation to do something in: mostly one of one's own, at times any in sight, at times one that isn't there. */
function place({ rng, joined, channels }: Eyes): ChannelId {
  if (rng.chance(0.02)) return NOWHERE as ChannelId;
  return rng.maybe(rng.chance(0.85) ? joined : channels) ?? rng.maybe(channels) ?? (NOWHERE as ChannelId);
}

function target(eyes: Eyes): MessageId {
  return (eyes.rng.chance(0.02) ? undefined : eyes.message(place(eyes))) ?? (NOWHERE as MessageId);
}

const someone = ({ rng, users, me }: Eyes): UserId =>
  rng.chance(0.03) ? (NOWHERE as UserId) : (rng.maybe(users.filter((user) => rng.chance(0.2) || user !== me)) ?? me);

function words(eyes: Eyes): string {
  const { rng } = eyes;
  if (rng.chance(0.01)) return rng.pick(['', '   ', 'a\0b', '\ud800']);
  const parts = [eyes.canary()];
  if (rng.chance(0.3)) parts.push(`<@${someone(eyes)}>`);
  if (rng.chance(0.1)) parts.push(rng.pick(['<!here>', '<!channel>']));
  if (rng.chance(0.1)) parts.push(`<#${place(eyes)}>`);
  if (rng.chance(0.1)) parts.push('**bold** `code` \\<@not a mention>');
  if (rng.chance(0.02)) parts.push('x'.repeat(3_000));
  return parts.join(' ');
}

const name = (eyes: Eyes): string =>
  eyes.rng.chance(0.05) ? eyes.rng.pick(['', 'Has Capitals', 'two words', 'general']) : `c-${eyes.canary()}`;

type Maker<C extends Act> = (eyes: Eyes) => Commands[C]['args'] | null;
type Repertoire = { readonly [C in Act]?: readonly [weight: number, make: Maker<C>] };

const REPERTOIRE: Repertoire = {
  'message.send': [
    30,
    (eyes) => {
      const { ws, rng } = eyes;
      const ch = place(eyes);
      const thread = rng.chance(0.35) ? eyes.root(ch) : undefined;
      return {
        ws,
        ch,
        text: words(eyes),
        ...(thread ? { thread } : {}),
        ...(rng.chance(0.1) ? { also: true } : {}),
        ...(rng.chance(0.05) ? { me: true } : {}),
      };
    },
  ],
  'message.edit': [8, (eyes) => ({ ws: eyes.ws, msg: target(eyes), text: words(eyes) })],
  'message.delete': [5, (eyes) => ({ ws: eyes.ws, msg: target(eyes) })],
  'message.react': [
    8,
    (eyes) => ({
      ws: eyes.ws,
      msg: target(eyes),
      emoji: eyes.rng.chance(0.03) ? 'no emoji' : eyes.rng.pick(EMOJI),
      on: eyes.rng.chance(0.7),
    }),
  ],
  'message.pin': [3, (eyes) => ({ ws: eyes.ws, msg: target(eyes), on: eyes.rng.chance(0.7) })],
  'message.save': [2, (eyes) => ({ ws: eyes.ws, msg: target(eyes), on: eyes.rng.chance(0.7) })],
  'thread.follow': [2, (eyes) => ({ ws: eyes.ws, root: target(eyes), on: eyes.rng.chance(0.6) })],
  'read.mark': [
    8,
    (eyes) => ({ ws: eyes.ws, ch: place(eyes), ...(eyes.rng.chance(0.3) ? { ord: eyes.rng.int(20) } : {}) }),
  ],
  'read.unread': [2, (eyes) => ({ ws: eyes.ws, msg: target(eyes) })],
  'read.thread': [3, (eyes) => ({ ws: eyes.ws, root: target(eyes) })],
  'draft.set': [
    4,
    (eyes) => {
      const ch = place(eyes);
      return {
        ws: eyes.ws,
        ch,
        root: eyes.rng.chance(0.2) ? (eyes.root(ch) ?? null) : null,
        text: eyes.rng.chance(0.3) ? '' : eyes.canary(),
      };
    },
  ],
  typing: [2, (eyes) => ({ ws: eyes.ws, ch: place(eyes), root: null })],
  presence: [1, (eyes) => ({ state: eyes.rng.pick(['active', 'away'] as const) })],
  'channel.create': [
    3,
    (eyes) => ({
      ws: eyes.ws,
      name: name(eyes),
      private: eyes.rng.chance(0.6),
      ...(eyes.rng.chance(0.3) ? { topic: eyes.canary() } : {}),
    }),
  ],
  'channel.direct': [3, (eyes) => ({ ws: eyes.ws, users: eyes.rng.some(eyes.users, 0.35).slice(0, 3) })],
  'channel.rename': [1, (eyes) => ({ ws: eyes.ws, ch: place(eyes), name: name(eyes) })],
  'channel.topic': [2, (eyes) => ({ ws: eyes.ws, ch: place(eyes), topic: eyes.canary() })],
  'channel.purpose': [1, (eyes) => ({ ws: eyes.ws, ch: place(eyes), purpose: eyes.canary() })],
  'channel.archive': [1, (eyes) => ({ ws: eyes.ws, ch: place(eyes), on: eyes.rng.chance(0.4) })],
  'channel.delete': [0.3, (eyes) => ({ ws: eyes.ws, ch: place(eyes) })],
  'channel.convert': [0.7, (eyes) => ({ ws: eyes.ws, ch: place(eyes) })],
  'channel.join': [
    4,
    (eyes) => ({
      ws: eyes.ws,
      ch: eyes.rng.maybe(eyes.channels.filter((ch) => !eyes.joined.includes(ch))) ?? place(eyes),
    }),
  ],
  'channel.leave': [2, (eyes) => ({ ws: eyes.ws, ch: place(eyes) })],
  'channel.invite': [
    4,
    (eyes) => ({ ws: eyes.ws, ch: place(eyes), users: [someone(eyes), ...eyes.rng.some(eyes.users, 0.2)] }),
  ],
  'channel.remove': [3, (eyes) => ({ ws: eyes.ws, ch: place(eyes), user: someone(eyes) })],
  'channel.role': [
    1,
    (eyes) => ({
      ws: eyes.ws,
      ch: place(eyes),
      user: someone(eyes),
      role: eyes.rng.pick<ChannelRole>(['admin', 'member']),
    }),
  ],
  'channel.prefs': [
    2,
    (eyes) => ({
      ws: eyes.ws,
      ch: place(eyes),
      ...(eyes.rng.chance(0.5) ? { star: eyes.rng.chance(0.5) } : { mute: eyes.rng.chance(0.5) }),
      ...(eyes.rng.chance(0.3) ? { notify: 'mentions' } : {}),
    }),
  ],
  'profile.set': [1, (eyes) => ({ ws: eyes.ws, title: `title ${eyes.rng.int(100)}` })],
  'profile.status': [1, (eyes) => ({ ws: eyes.ws, emoji: '🌴', text: `away ${eyes.rng.int(100)}`, until: 0 })],
  'pref.set': [
    1,
    (eyes) => ({
      ws: eyes.ws,
      key: eyes.rng.pick(['theme', 'density', 'Bad key']),
      value: eyes.rng.pick(['"dark"', 'null', '{', null]),
    }),
  ],
  'person.role': [
    1.5,
    (eyes) => ({
      ws: eyes.ws,
      user: someone(eyes),
      role: eyes.rng.pick<Role>(['guest', 'member', 'member', 'admin', 'owner']),
    }),
  ],
  'person.active': [0.6, (eyes) => ({ ws: eyes.ws, user: someone(eyes), active: eyes.rng.chance(0.5) })],
  'workspace.set': [
    0.6,
    (eyes) => ({
      ws: eyes.ws,
      ...(eyes.rng.chance(0.5)
        ? { name: `Name ${eyes.rng.int(100)}` }
        : {
            settings: {
              editWindowMs: eyes.rng.pick([null, null, 5_000]),
              mentionAll: eyes.rng.pick<Role>(['guest', 'member']),
            },
          }),
    }),
  ],
  'emoji.add': [
    1,
    (eyes) => ({
      ws: eyes.ws,
      name: eyes.rng.pick(['party', 'wave']),
      image: eyes.rng.chance(0.05) ? 'data:image/gif;base64,AAAA' : IMAGE,
    }),
  ],
  'emoji.remove': [0.7, (eyes) => ({ ws: eyes.ws, name: eyes.rng.pick(['party', 'wave']) })],
  'ledger.retry': [2, ({ ws, rng, refused }) => one(rng, refused, (op) => ({ ws, op }))],
  'ledger.edit': [
    1,
    (eyes) => one(eyes.rng, [...eyes.refused, ...eyes.waiting], (op) => ({ ws: eyes.ws, op, text: words(eyes) })),
  ],
  'ledger.drop': [1, ({ ws, rng, refused, waiting }) => one(rng, [...refused, ...waiting], (op) => ({ ws, op }))],
  'history.fetch': [1, (eyes) => ({ ws: eyes.ws, ch: place(eyes) })],
  'sync.open': [1, (eyes) => ({ ws: eyes.ws, channels: eyes.rng.some([...eyes.joined, ...eyes.listed], 0.5) })],
};

const one = <T>(rng: Prng, ops: readonly OpId[], make: (op: OpId) => T): T | null => {
  const op = rng.maybe(ops);
  return op ? make(op) : null;
};

const CHOICES = (Object.keys(REPERTOIRE) as Act[]).map((command): readonly [number, Act] => [
  REPERTOIRE[command]?.[0] ?? 0,
  command,
]);

/** The next thing a person does: mostly what the interface would offer them, sometimes what it would not. */
export function nextDeed(workspace: Workspace, rng: Prng, canary: () => string): Deed | null {
  const command = rng.weighted(CHOICES);
  const make = REPERTOIRE[command]?.[1] as ((eyes: Eyes) => Deed['args'] | null) | undefined;
  const args = make?.(eyesOf(workspace, rng, canary)) ?? null;
  return args && { command, args };
}

/** Does it as the product does: through the command. Anything thrown but a refusal is our own mistake and goes on up. */
export function act(workspace: Workspace, { command, args }: Deed): Outcome {
  try {
    (workspace.execute as (command: Act, args: unknown) => unknown).call(workspace, command, args);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { ok: false, code: error.failure.code, detail: error.failure.detail };
  }
}

const statements = new WeakMap<SqlDatabase, Map<string, SqlStatement>>();

/** The first column of a query's rows. */
function idsOf(db: SqlDatabase, sql: string, ...params: string[]): string[] {
  const prepared = statements.get(db) ?? new Map<string, SqlStatement>();
  statements.set(db, prepared);
  const statement = prepared.get(sql) ?? db.prepare(sql).raw();
  prepared.set(sql, statement);
  return (statement.all(...params) as string[][]).map(([id]) => id as string);
}

function eyesOf({ replica }: Workspace, rng: Prng, canary: () => string): Eyes {
  const { workspace: ws, user: me } = replica.identity;
  const channels = new Set(idsOf(replica.db, 'SELECT ch FROM channel WHERE deleted = 0 ORDER BY ch'));
  for (const ch of replica.overlay.held('channel').keys()) channels.add(ch);
  const joined = new Set(idsOf(replica.db, 'SELECT ch FROM joined WHERE user = ? AND active = 1 ORDER BY ch', me));
  for (const row of replica.overlay.held('joined').values()) if (row.active) joined.add(row.ch);
  const listed = idsOf(replica.db, 'SELECT ch FROM directory WHERE gone = 0 ORDER BY ch') as ChannelId[];
  const users = idsOf(replica.db, 'SELECT id FROM user WHERE bot = 0 ORDER BY id') as UserId[];
  const entries = replica.outbox.entries();
  const messages = (ch: ChannelId, roots: boolean): MessageId | undefined => {
    const only = roots ? `AND thread IS NULL AND kind <> 'note'` : '';
    const found = idsOf(replica.db, `SELECT id FROM message WHERE ch = ? ${only} ORDER BY q DESC LIMIT 8`, ch);
    for (const row of replica.overlay.held('message').values())
      if (row.ch === ch && !(roots && row.thread) && !found.includes(row.id)) found.push(row.id);
    return rng.maybe(found) as MessageId | undefined;
  };
  return {
    rng,
    ws,
    me,
    channels: [...channels] as ChannelId[],
    joined: [...joined] as ChannelId[],
    listed: replica.policy.size === 'small' ? [] : listed.filter((ch) => !joined.has(ch)),
    users,
    message: (ch) => messages(ch, false),
    root: (ch) => messages(ch, true),
    waiting: entries.filter(({ state }) => state.is === 'queued').map(({ intent }) => intent.i),
    refused: entries.filter(({ state }) => state.is === 'failed').map(({ intent }) => intent.i),
    canary,
  };
}
