import type { OpId } from '@parley/sync/model';
import type { Session } from './session.ts';
import { type Settled, settle } from './settle.ts';
import { shownId } from './shown-id.ts';

const WORDS: Readonly<Record<Settled, string>> = { sent: 'Done', queued: 'Kept; it goes out with the next connection' };

/** Waits for the relay's word on an op and tells what became of it. */
export async function reportOp(
  session: Session,
  id: OpId,
  what: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const state = await settle(session, [id]);
  session.out.answer({ id, ...more, state }, () => [`${WORDS[state]}: ${what} [${shownId(id)}]`]);
}
