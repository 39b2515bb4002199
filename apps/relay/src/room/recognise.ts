import type { StateView } from '@parley/sync/core';
import { conversationStream, type OpId, type UserId } from '@parley/sync/model';
import type { VerdictItem } from '@parley/sync/protocol';
import type { LogStore } from '../log/mod.ts';
import { type Batch, opOf, type Placed } from './batch.ts';
import type { DeviceCounters } from './device-counters.ts';
import type { Work } from './intake.ts';

/**
 * What an op is to the relay before anyone decides it. `again`: it has its verdict; `renumbered`: the same, but under a
 * number that is new and now used up. `taken`: somebody else's op has this id. `hole`: a number is missing before it.
 * `cloned`: the number was used, and not for this op.
 */
export type Recognised =
  | { readonly is: 'fresh' }
  | { readonly is: 'again' | 'renumbered'; readonly verdict: VerdictItem }
  | { readonly is: 'taken' }
  | { readonly is: 'hole'; readonly from: number }
  | { readonly is: 'cloned' };

/** Looks an op up by its device's counter and by its id (sync.md §3). Reads only. */
export function recognise(work: Work, batch: Batch, counters: DeviceCounters, log: LogStore): Recognised {
  const { i, n } = opOf(work);
  if (work.is === 'provided') {
    const place = find(i, batch, log);
    if (!place) return { is: 'fresh' };
    return place.a === work.op.a
      ? { is: 'again', verdict: { i, n, ok: true, s: place.s, q: place.q } }
      : { is: 'taken' };
  }
  const { counter, identity } = work.push.session;
  const lastN = batch.lastN(counter);
  if (n > lastN + 1) return { is: 'hole', from: lastN + 1 };
  const place = find(i, batch, log);
  const verdict = place && accepted(i, n, place, identity.user);
  if (n === lastN + 1) {
    if (!place) return { is: 'fresh' };
    return verdict ? { is: 'renumbered', verdict } : { is: 'taken' };
  }
  if (verdict) return { is: 'again', verdict };
  const refusal = batch.counters.get(counter)?.refused.get(n) ?? counters.refusal(counter, n);
  if (refusal?.op !== i) return { is: 'cloned' };
  const { op: _, ...why } = refusal;
  return { is: 'again', verdict: { i, n, ok: false, ...why } };
}

/** Says where an op went only to the one who wrote it. */
const accepted = (i: OpId, n: number, place: Placed, user: UserId): VerdictItem | undefined =>
  place.a === user ? { i, n, ok: true, s: place.s, q: place.q } : undefined;

function find(op: OpId, batch: Batch, log: LogStore): Placed | undefined {
  const placed = batch.placed(op);
  if (placed) return placed;
  const entry = log.find(op);
  if (entry) return { s: entry.s, q: entry.q, a: (JSON.parse(entry.text) as { a: UserId }).a };
  return log.first() > 1 ? findMade(op, batch.layer) : undefined;
}

/** Where a log no longer holds its beginning, what an op has made still shows that it was there. */
function findMade(op: OpId, view: StateView): Placed | undefined {
  const message = view.get('message', op);
  if (message) return { s: conversationStream(message.ch), q: message.q, a: message.author };
  const channel = view.get('channel', op);
  return channel && { s: conversationStream(channel.ch), q: 1, a: channel.creator };
}
