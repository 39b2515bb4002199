import { CommandError } from '@parley/sync/engine';
import type { LedgerEntryView, OpId } from '@parley/sync/model';
import { reachRelay } from './connection.ts';
import type { Session } from './session.ts';
import { until } from './until.ts';

/** A relay that is there acknowledges in milliseconds; what takes longer is left to the outbox. */
const ACKNOWLEDGED_MS = 10_000;

/** `sent`: the relay has it. `queued`: it is safe in the outbox and goes out with the next connection. */
export type Settled = 'sent' | 'queued';

/** Refusals are the person's to hear at once; the op itself stays in the ledger. */
const refusal = ({ id, code, detail }: LedgerEntryView): CommandError =>
  new CommandError({
    code: code ?? 'internal',
    detail: `${detail ?? 'The relay refused it.'} It is kept as ${id}; see: parley ledger`,
  });

/** Waits a bounded time for the relay's word on ops just written. Throws where it refused one. */
export async function settle(session: Session, ops: readonly OpId[]): Promise<Settled> {
  if (!session.online) return 'queued';
  const { reach, detail } = await reachRelay(session);
  if (reach !== 'live') {
    session.out.note(
      reach === 'signed_out'
        ? `${detail} It is kept and sent after: parley login`
        : `${detail} It is kept and sent later.`,
    );
    return 'queued';
  }
  const wanted = new Set<string>(ops);
  const answer = await until(session.client, 'ledger', { ws: session.ws }, ACKNOWLEDGED_MS, (entries) => {
    const mine = entries.filter(({ id }) => wanted.has(id));
    const failed = mine.find(({ state }) => state === 'failed');
    return failed ?? (mine.length === 0 ? 'sent' : null);
  });
  if (answer === null) return 'queued';
  if (answer === 'sent') return 'sent';
  throw refusal(answer);
}

/** The same for what keeps itself out of the ledger: reading places and preferences. */
export async function settleAll(session: Session): Promise<Settled> {
  if (!session.online || (await reachRelay(session)).reach !== 'live') return 'queued';
  const done = await until(session.client, 'sync', { ws: session.ws }, ACKNOWLEDGED_MS, ({ queued }) =>
    queued === 0 ? true : null,
  );
  return done ? 'sent' : 'queued';
}
