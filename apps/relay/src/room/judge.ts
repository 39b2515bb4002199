import { type Decision, decide } from '@parley/sync/core';
import {
  bodyCheck,
  type Intent,
  isKnownIntent,
  isOpKind,
  MAX_CLOCK_SKEW_MS,
  OP_VERSION,
  reject,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import type { Batch } from './batch.ts';
import { decideAgain } from './decide-again.ts';
import type { Work } from './intake.ts';

/** Who an op is by and when it happened. */
export interface Authorship {
  readonly author: UserId;
  readonly at: number;
}

/** Author and time never come from a device: the one is whose socket it is, the other is the relay's clock. */
export const authorshipOf = (work: Work, now: number): Authorship =>
  work.is === 'pushed' ? { author: work.push.session.identity.user, at: now } : { author: work.op.a, at: work.op.at };

/** Decides an op against the batch's state. An op this build doesn't know and a body that doesn't fit are refusals too. */
export function judge(work: Work, batch: Batch, workspace: WorkspaceId, { author, at }: Authorship): Decision {
  const intent = intentOf(work, at);
  if (!isOpKind(intent.k) || intent.v > OP_VERSION)
    return reject('unknown_kind', `This relay does not know ${intent.k} in version ${intent.v}.`);
  if (!isKnownIntent(intent)) return reject('malformed', `${intent.k}${bodyCheck(intent.k).problem(intent.b)}`);
  const ctx = { workspace, actor: author, now: at, head: batch.head };
  if (work.is === 'provided' && work.op.as) return decideAgain(batch.layer, intent, ctx, work.op.as.d);
  return decide(batch.layer, intent, { ...ctx, authority: work.is === 'pushed' ? 'person' : 'system' });
}

function intentOf(work: Work, now: number): Intent {
  if (work.is === 'provided') {
    const { i, s, k, b, at, t, as } = work.op;
    const { n = 0, v = OP_VERSION, base } = as ?? {};
    return { i, n, s, k, v, t: t ?? at, b: b as Record<string, unknown>, ...(base === undefined ? {} : { base }) };
  }
  const { intent } = work;
  // Within a day a device's clock is believed; beyond, it would only put a message where nobody looks for it.
  const t = Math.min(Math.max(intent.t, now - MAX_CLOCK_SKEW_MS), now + MAX_CLOCK_SKEW_MS);
  return t === intent.t ? intent : { ...intent, t };
}
