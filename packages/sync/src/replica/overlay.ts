import { apply, type DecideContext, decide, LayeredView, type StateView } from '../core/mod.ts';
import {
  type Fact,
  isKnownFact,
  isKnownIntent,
  type KnownFact,
  SYSTEM_DEVICE,
  type UserId,
  type WorkspaceId,
} from '../model/mod.ts';
import type { OutboxEntry } from './outbox.ts';

/**
 * Sequences of what is not yet ordered begin here: above every sequence a relay will ever give, so whatever waits stands
 * last, in the order it was written, and every confirmed row gives way to it.
 */
export const PENDING_Q = 2 ** 52;
/** Room below for places in the queue before its first: what was confirmed once and waits again goes ahead. */
const QUEUE_START = 2 ** 40;

export const isPendingQ = (q: number): boolean => q >= PENDING_Q;

export interface OverlayContext {
  readonly workspace: WorkspaceId;
  readonly user: UserId;
  head: DecideContext['head'];
}

/**
 * The confirmed rows as they will be once the unsent ops are accepted: `decide` and `apply` of the relay, run over a
 * layer that is never written down. A refused message stays visible in its place; any other refused op shows no effect.
 */
export function buildOverlay(base: StateView, entries: readonly OutboxEntry[], ctx: OverlayContext): LayeredView {
  const overlay = new LayeredView(base);
  for (const entry of entries) extendOverlay(overlay, entry, ctx);
  return overlay;
}

/** Adds the op that was written last. */
export function extendOverlay(overlay: LayeredView, entry: OutboxEntry, ctx: OverlayContext): void {
  const intent = { ...entry.intent, n: 0 };
  if (!isKnownIntent(intent)) return;
  const shown = entry.state.is !== 'failed' || intent.k === 'msg.create';
  if (!shown) return;
  const place = { q: PENDING_Q + QUEUE_START + entry.seq, at: intent.t, a: ctx.user, d: SYSTEM_DEVICE };
  // What the relay refused stays refused, even where the same op would be accepted by now.
  const decision =
    entry.state.is === 'failed'
      ? null
      : decide(overlay, intent, {
          workspace: ctx.workspace,
          actor: ctx.user,
          now: intent.t,
          authority: 'person',
          head: ctx.head,
        });
  if (decision?.ok) {
    for (const draft of decision.facts) applyIfKnown(overlay, { ...draft, ...place } as Fact);
  } else if (intent.k === 'msg.create') {
    // Refused or about to be: it keeps its place until the person decides, and counts for nothing.
    const channel = overlay.get('channel', intent.s.slice(2));
    const aside = new LayeredView(overlay);
    applyIfKnown(aside, { ...intent, ...place, x: { ord: channel?.msgs ?? 0 } } as Fact);
    const row = aside.held('message').get(intent.i);
    if (row) overlay.put('message', row);
  }
}

function applyIfKnown(overlay: LayeredView, fact: Fact): void {
  if (isKnownFact(fact)) apply(overlay, fact as KnownFact);
}
