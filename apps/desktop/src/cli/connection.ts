import type { SyncView } from '@parley/sync/model';
import { CliError, EXIT } from './exit.ts';
import type { Session } from './session.ts';
import { until } from './until.ts';

/** A relay that can be reached is greeted well within this time. */
const CONNECT_MS = 10_000;
/**
 * How long a connection may be lost before the relay counts as down. A relay that sends a device away to begin anew is
 * back within the first retry.
 */
const GRACE_MS = 600;

export type Reach = 'live' | 'unreachable' | 'signed_out' | 'refused';

const reachOf = (state: SyncView['state']): Reach | null => {
  switch (state) {
    case 'synced':
    case 'syncing':
    case 'diverged':
      return 'live';
    case 'signed_out':
    case 'refused':
      return state;
    default:
      return null;
  }
};

/** Waits for the connection, or for it to be clear that there will be none. `detail` says why, for the person. */
export async function reachRelay(
  session: Session,
  limitMs = CONNECT_MS,
  graceMs = GRACE_MS,
): Promise<{ reach: Reach; detail: string }> {
  const { client, ws } = session;
  // An app that was offline for long tries rarely by itself.
  if (session.remote) client.call('sync.now', { ws }).catch(() => {});
  let detail = 'The relay did not answer in time.';
  const deadline = performance.now() + limitMs;
  const note = (view: SyncView): void => {
    if (view.detail) detail = view.detail;
  };
  for (let lost = false; ; ) {
    const left = lost ? Math.min(graceMs, deadline - performance.now()) : deadline - performance.now();
    const found = await until(client, 'sync', { ws }, Math.max(0, left), (view): Reach | 'lost' | null => {
      note(view);
      return reachOf(view.state) ?? (view.state === 'offline' && view.detail && !lost ? 'lost' : null);
    });
    if (found === null) return { reach: 'unreachable', detail };
    if (found !== 'lost') return { reach: found, detail };
    lost = true;
  }
}

/** Ends the command where there is no connection. */
export async function demandRelay(session: Session, limitMs?: number, graceMs?: number): Promise<void> {
  if (!session.online) throw new CliError(EXIT.usage, 'This needs the relay; leave --offline out.');
  const { reach, detail } = await reachRelay(session, limitMs, graceMs);
  if (reach === 'live') return;
  if (reach === 'signed_out') throw new CliError(EXIT.notSignedIn, `${detail} Run: parley login`);
  if (reach === 'refused') throw new CliError(EXIT.refused, detail);
  throw new CliError(EXIT.unreachable, `${detail} Try again when ${session.entry.relay} can be reached.`);
}
