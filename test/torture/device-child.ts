/** A device: an engine on a home of its own, and a person who does what comes to their mind. */
import { parseArgs } from 'node:util';
import { CommandError } from '@parley/sync/client';
import { nodeEnv, openEngine, type Workspace } from '@parley/sync/engine';
import type { CommandName, OpId, WorkspaceId } from '@parley/sync/model';
import { nextDeed, Prng } from '@parley/sync/testing';
import { obey, say } from './obey.ts';
import type { DeviceOrder, Look, Waiting } from './orders.ts';

const { values } = parseArgs({ options: { home: { type: 'string' }, skew: { type: 'string', default: '0' } } });
const { home } = values;
if (!home) throw new Error('--home is missing');

/** Commands that may take ops out of the outbox again. */
const TAKES_BACK: ReadonlySet<CommandName> = new Set(['message.delete', 'ledger.drop']);

/** What the person is signed in to, if that can be opened just now: a damaged replica is being replaced. */
async function workspace(): Promise<Workspace | null> {
  const engine = await opening;
  try {
    const [entry] = await engine.client().once('workspaces', {});
    return entry ? engine.workspace(entry.id) : null;
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

/** As the windows do it; what the outbox gains and loses by it is told. */
async function call(id: number, own: boolean, command: CommandName, args: unknown): Promise<void> {
  const client = (await opening).client();
  const open = await workspace();
  const before = new Set(waitingOf(open).map(({ op }) => op));
  say({
    is: 'invoked',
    id,
    own,
    command,
    args: sayable(command, args),
    risked: TAKES_BACK.has(command) ? [...before] : [],
  });
  try {
    const result: unknown = await client.call(command, args as never);
    const wrote: Waiting[] = waitingOf(open).filter(({ op }) => !before.delete(op));
    // Ops that a fact confirmed meanwhile are gone as well, which harms nothing: they are in the log.
    const dropped: readonly OpId[] = TAKES_BACK.has(command) ? [...before] : [];
    say({ is: 'returned', id, ok: true, wrote, dropped, result });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say({ is: 'returned', id, ok: false, code: error.failure.code, detail: error.failure.detail });
  }
}

/** What is written down about a command holds no password. */
const sayable = (command: CommandName, args: unknown): unknown => (command.startsWith('account.') ? {} : args);

const waitingOf = (open: Workspace | null): Waiting[] =>
  open?.replica.outbox.entries().map(({ intent, state }) => ({ op: intent.i, kind: intent.k, state: state.is })) ?? [];

async function act(id: number, seed: number): Promise<void> {
  const open = await workspace();
  const rng = new Prng(seed);
  const deed = open && (await deedOf(open, rng));
  if (deed) await call(id, true, deed.command, deed.args);
  else say({ is: 'idle', id });
}

/** What to do next; nothing while the replica it would be chosen from is one that can't be read. */
async function deedOf(open: Workspace, rng: Prng): Promise<ReturnType<typeof nextDeed>> {
  try {
    return nextDeed(open, rng, () => canary(rng));
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_CORRUPT') throw error;
    // It was read past the engine, which has to hear of it from a question of its own.
    const ws = open.replica.identity.workspace;
    await (await opening)
      .client()
      .once('sidebar', { ws })
      .catch(() => {});
    return null;
  }
}

const LETTERS = '0123456789abcdefghijklmnopqrstuv';
const canary = (rng: Prng): string => `zq${Array.from({ length: 14 }, () => LETTERS[rng.int(32)]).join('')}`;

async function look(): Promise<Look | null> {
  const open = await workspace();
  if (!open) return null;
  const { replica } = open;
  const { state, queued, failed, fetching, detail } = open.sync();
  const people = replica.db.prepare('SELECT id AS user, role, active FROM user WHERE bot = 0').all() as {
    user: Look['people'][number]['user'];
    role: string;
    active: number;
  }[];
  return {
    ws: replica.identity.workspace as WorkspaceId,
    sync: { state, queued, failed, fetching, detail },
    sweeps: replica.words.isDue,
    outbox: waitingOf(open),
    people: people.map(({ user, role, active }) => ({ user, role, active: active === 1 })),
  };
}

// Before the engine opens: what it does as it opens can be struck as well.
obey((order) => {
  const told = order as DeviceOrder;
  if (told.do === 'act') void act(told.id, told.seed);
  else if (told.do === 'call') void call(told.id, false, told.command, told.args);
  else if (told.do === 'look') void look().then((seen) => say({ is: 'looks', id: told.id, look: seen }));
  else if (told.do === 'close') void opening.then((engine) => engine.close()).then(() => process.exit(0));
});
const opening = openEngine({
  home,
  env: { ...nodeEnv, now: () => Date.now() + Number(values.skew) },
  log: (line) => say({ is: 'log', line }),
});
await opening;
say({ is: 'open' });
