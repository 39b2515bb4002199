import { setTimeout as delay } from 'node:timers/promises';
import type { SyncView } from '@parley/sync/model';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { demandRelay, reachRelay } from '../connection.ts';
import { EXIT } from '../exit.ts';
import { localClock } from '../local-time.ts';
import { type Followed, MessageFollower } from '../message-follower.ts';
import { openReplicaReadOnly } from '../replica-reader.ts';
import { safeLine } from '../safe-text.ts';
import { type Session, syncOf } from '../session.ts';
import { progressLine, syncDocument, syncLines } from '../sync-report.ts';
import { until } from '../until.ts';

/** A relay that was only restarted is back by then. */
const OUTAGE_MS = 3_000;
/** Without being caught up for this long, it is looked at whether the relay is still there. */
const LOOK_AGAIN_MS = 5_000;
/** Progress is told at most this often. */
const PROGRESS_MS = 500;
/** A person reading along sees no difference to at once. */
const FOLLOW_MS = 200;

interface SyncOptions {
  readonly follow?: boolean;
  readonly status?: boolean;
  readonly noted?: boolean;
}

/** Tells on standard error how a sync is getting on, until it is stopped. */
function showProgress(session: Session): () => void {
  let toldAt = 0;
  let told = '';
  return session.client.watch('sync', { ws: session.ws }, (view) => {
    const line = progressLine(view);
    const now = performance.now();
    if (line === told || (now - toldAt < PROGRESS_MS && view.state !== 'synced')) return;
    told = line;
    toldAt = now;
    session.out.note(line);
  });
}

/** Where the relay's history is another one, nothing more comes of waiting than what could be fetched and sent. */
const isDone = ({ state, queued, fetching }: SyncView): boolean =>
  state === 'synced' || (state === 'diverged' && queued === 0 && fetching === 0);

/** Waits until everything the relay has is here and everything of the person's is there, however long that takes. */
async function catchUp(session: Session): Promise<SyncView> {
  for (;;) {
    await demandRelay(session, undefined, OUTAGE_MS);
    // Says what was missed; until it has answered, "synced" only means that nothing is known to be missing.
    await session.client.call('sync.now', { ws: session.ws });
    const synced = await until(session.client, 'sync', { ws: session.ws }, LOOK_AGAIN_MS, (view) =>
      isDone(view) ? view : null,
    );
    if (synced) return synced;
  }
}

/** How it stands, once it is known whether the relay can be reached. */
async function status(session: Session, { noted }: SyncOptions): Promise<void> {
  if (session.online) await reachRelay(session);
  const view = await syncOf(session);
  session.out.answer(syncDocument(view), () => syncLines(view));
  if (noted) await session.client.call('sync.noted', { ws: session.ws });
}

async function follow(session: Session): Promise<void> {
  const reader = openReplicaReadOnly(session);
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  try {
    const follower = new MessageFollower(session, reader);
    while (!stopped.signal.aborted) {
      for (const message of await follower.next()) session.out.item(message, () => followLine(message));
      await delay(FOLLOW_MS, undefined, { signal: stopped.signal }).catch(() => {});
    }
  } finally {
    reader.close();
  }
}

const followLine = ({ at, channel, author, text, thread }: Followed): string =>
  `${localClock(Date.parse(at))}  ${safeLine(channel)}  ${safeLine(author)}: ${safeLine(text)}${thread ? '  (in a thread)' : ''}`;

export function addSyncCommands(program: Command, cli: Cli): void {
  const run = async (session: Session, options: SyncOptions): Promise<void> => {
    const stopProgress = showProgress(session);
    try {
      // Who follows waits for a relay that is away.
      if (options.follow) await reachRelay(session);
      else {
        const view = await catchUp(session);
        if (view.failed) session.out.note(`${view.failed} of yours were refused; see: parley ledger`);
        session.out.answer(syncDocument(view), () => syncLines(view));
        if (view.state === 'diverged') process.exitCode = EXIT.refused;
      }
    } finally {
      stopProgress();
    }
    if (options.follow) await follow(session);
  };
  program
    .command('sync')
    .description('exchange everything with the relay: what is new there, and what waits here')
    .option('--follow', 'stay, and print new messages as they come (with --json: a document per line)')
    .option('--status', 'say how this computer stands with the relay, without waiting until it is in step')
    .option('--noted', 'as --status, and take note of what happened to the copy here: it is not told again')
    .action((options: SyncOptions, command: Command) => {
      const onlyTold = options.status || options.noted;
      return cli.inWorkspace(options.follow ? 'serve' : 'yes', onlyTold ? status : run)(options, command);
    });

  program
    .command('verify')
    .description('check the replica against the relay and against itself')
    .action(
      cli.inWorkspace('yes', async (session) => {
        const { client, ws, out } = session;
        if (session.online && (await reachRelay(session)).reach === 'live')
          await Promise.race([catchUp(session), delay(30_000, undefined, { ref: false })]);
        const { problems, compared, ...counts } = await client.call('sync.verify', { ws });
        const ok = problems.length === 0;
        if (!compared) out.note('The relay could not be asked; only the replica itself was checked.');
        const { failed, queued } = await syncOf(session);
        out.answer({ ok, compared, ...counts, queued, failed, problems }, () =>
          ok
            ? [
                `Nothing is wrong: ${counts.messages} messages in ${counts.streams} streams${compared ? `; ${counts.rows} rows are the relay’s, one by one` : ''}.`,
              ]
            : problems.map(({ stream, detail }) => safeLine(`${stream || 'replica'}: ${detail}`)),
        );
        if (!ok) process.exitCode = 1;
      }),
    );
}
