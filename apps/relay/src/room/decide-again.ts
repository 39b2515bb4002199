import { type DecideContext, type Decision, decide, type StateView } from '@parley/sync/core';
import { type DeviceId, type KnownIntent, MAX_CHANNEL_NAME, SYSTEM_DEVICE } from '@parley/sync/model';

/** Names tried for a channel whose own was given away meanwhile. */
const MAX_SUFFIX = 99;

/**
 * Decides what was accepted once and lost, in a history that may have gone on differently. As far as it hasn't, the same
 * facts come of it. Where something decided since stands against it (the channel was archived, the author has left), it
 * counts all the same: it was acknowledged, and nothing acknowledged is lost over what came later. `device` is where it
 * came from then, the relay's own being none.
 */
export function decideAgain(
  view: StateView,
  intent: KnownIntent,
  ctx: Omit<DecideContext, 'authority'>,
  device: DeviceId,
): Decision {
  if (device === SYSTEM_DEVICE) return decide(view, intent, { ...ctx, authority: 'system' });
  const asThen = decide(view, intent, { ...ctx, authority: 'person' });
  if (asThen.ok) return asThen;
  if (asThen.reject.code === 'name_taken' && intent.k === 'ch.create')
    return createUnderAnotherName(view, intent, ctx, asThen);
  const overruled = decide(view, intent, { ...ctx, authority: 'acknowledged' });
  return overruled.ok ? overruled : asThen;
}

/** All that was said in a channel would be lost with it: it comes back beside the one that has its name now. */
function createUnderAnotherName(
  view: StateView,
  intent: KnownIntent & { k: 'ch.create' },
  ctx: Omit<DecideContext, 'authority'>,
  refused: Decision,
): Decision {
  for (let suffix = 2; suffix <= MAX_SUFFIX; suffix++) {
    const end = `-${suffix}`;
    const name = `${(intent.b.name ?? '').slice(0, MAX_CHANNEL_NAME - end.length)}${end}`;
    const decision = decide(view, { ...intent, b: { ...intent.b, name } }, { ...ctx, authority: 'person' });
    if (decision.ok || decision.reject.code !== 'name_taken') return decision;
  }
  return refused;
}
