import { isRetryable, type OpId } from '../../model/mod.ts';
import type { Replica } from '../../replica/mod.ts';
import type { Breach } from '../picture.ts';

/**
 * I6: once all is quiet the outbox holds nothing but refusals, each of a kind that waiting would not help. The journal, from
 * which one may have come back, does not say how often it was tried.
 */
export function checkExplained(who: string, replica: Replica): Breach[] {
  return replica.outbox.entries().flatMap(({ intent, state, attempts }) => {
    const explained =
      state.is === 'failed' && (!isRetryable(state.code) || (state.code === 'unknown_ref' && attempts !== 1));
    return explained
      ? []
      : [
          {
            invariant: 'I6',
            what: `${who}: ${intent.k} ${intent.i} is still ${JSON.stringify(state)} after ${attempts} attempts`,
          },
        ];
  });
}

/** I7: every edit is confirmed or kept, and never both: `written` are the ops the person made and did not take back. */
export function checkKept(
  who: string,
  replica: Replica,
  written: ReadonlySet<OpId>,
  logged: ReadonlySet<OpId>,
): Breach[] {
  return [...written].flatMap((op) => {
    const kept = replica.outbox.get(op);
    if (logged.has(op))
      return kept
        ? [{ invariant: 'I7', what: `${who}: ${op} is confirmed and still kept as ${JSON.stringify(kept.state)}` }]
        : [];
    return kept ? [] : [{ invariant: 'I7', what: `${who}: ${op} is gone without a trace` }];
  });
}

/** I14: the overlay is empty when the outbox is. */
export function checkOverlay(who: string, replica: Replica): Breach[] {
  return replica.outbox.size === 0 && replica.overlay.size > 0
    ? [
        {
          invariant: 'I14',
          what: `${who}: ${replica.overlay.size} rows are shown over confirmed ones, and nothing waits`,
        },
      ]
    : [];
}
