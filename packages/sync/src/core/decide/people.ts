import {
  atLeast,
  type Body,
  type ChannelId,
  type Intent,
  labelProblem,
  MAX_PERSON_NAME,
  membershipStream,
  type Reject,
  reject,
} from '../../model/mod.ts';
import type { StateView } from '../view.ts';
import { accept, type DecideContext, type Decision, effectOf, factOf, grantOf, roleOf } from './context.ts';
import { settingsOf } from './messages.ts';

/** A handle or address that someone active already has. */
function identityProblem(view: StateView, b: { user: string; handle?: string; email: string | null }): Reject | null {
  if (b.handle !== undefined && view.find('user', 'by_handle', [b.handle]).some((row) => row.id !== b.user))
    return { code: 'name_taken', detail: `Someone has the name ${b.handle} already.` };
  if (b.email !== null && view.find('user', 'by_email', [b.email]).some((row) => row.id !== b.user && row.claimed))
    return { code: 'name_taken', detail: `Someone has the address ${b.email} already.` };
  return null;
}

export function decideUserAdd(view: StateView, intent: Intent<'user.add'>, ctx: DecideContext): Decision {
  const { b } = intent;
  if (view.get('user', b.user)) return reject('already', 'This person is in the workspace already.');
  const label = labelProblem('A name', b.name, MAX_PERSON_NAME);
  if (label) return reject('malformed', label);
  const problem = identityProblem(view, b);
  if (problem) return { ok: false, reject: problem };
  // The people of an import come with the channels they were in; everyone else starts in the default ones.
  const channels = b.claimed && b.role !== 'guest' ? (settingsOf(view).defaultChannels as ChannelId[]) : [];
  const joins = channels.flatMap((ch) => {
    const row = view.get('channel', ch);
    return row && row.kind === 'public' && !row.deleted && !row.archived
      ? [
          grantOf(intent, ctx, row, b.user),
          effectOf(intent, `member ${ch}`, membershipStream(ch), 'mem.add', { users: [b.user] }),
        ]
      : [];
  });
  return accept(factOf(intent), ...joins);
}

export function decideUserClaim(view: StateView, intent: Intent<'user.claim'>): Decision {
  const row = view.get('user', intent.b.user);
  if (!row) return reject('unknown_ref', 'There is no such person in this workspace.');
  if (row.claimed) return reject('already', `${row.handle} has a sign-in already.`);
  if (row.bot) return reject('forbidden', 'A bot has no sign-in.');
  const problem = identityProblem(view, intent.b);
  return problem ? { ok: false, reject: problem } : accept(factOf(intent));
}

const PROFILE_LINES = [
  'name',
  'title',
  'pronouns',
  'phone',
  'tz',
] as const satisfies readonly (keyof Body<'user.set'>)[];

export function decideUserSet(view: StateView, intent: Intent<'user.set'>, ctx: DecideContext): Decision {
  const { b } = intent;
  if (b.user !== ctx.actor && !atLeast(roleOf(view, ctx) ?? 'guest', 'admin'))
    return reject('forbidden', 'Only an admin may change another person’s profile.');
  if (!view.get('user', b.user)) return reject('unknown_ref', 'There is no such person in this workspace.');
  for (const line of PROFILE_LINES) {
    const problem = labelProblem(`The ${line}`, b[line] ?? '', 120);
    if (problem) return reject('malformed', problem);
  }
  return accept(factOf(intent));
}

export function decideUserStatus(_view: StateView, intent: Intent<'user.status'>): Decision {
  const problem = labelProblem('The status', intent.b.text, 100) ?? labelProblem('The emoji', intent.b.emoji, 64);
  return problem ? reject('malformed', problem) : accept(factOf(intent));
}

/** Who stands above whom: admins manage those below them, owners everyone, and one owner always stays. */
function rankProblem(view: StateView, ctx: DecideContext, user: string, becomes: string): Reject | null {
  const target = view.get('user', user);
  if (!target) return { code: 'unknown_ref', detail: 'There is no such person in this workspace.' };
  const role = roleOf(view, ctx);
  if (!role || !atLeast(role, 'admin')) return { code: 'forbidden', detail: 'Only admins and owners may do that.' };
  if (role !== 'owner' && (target.role === 'owner' || becomes === 'owner'))
    return { code: 'forbidden', detail: 'Only an owner may change who owns the workspace.' };
  if (target.role === 'owner' && becomes !== 'owner') {
    const owners = view.find('user', 'by_role', ['owner']).filter((row) => row.active);
    if (owners.length <= 1) return { code: 'last_owner', detail: 'A workspace keeps at least one owner.' };
  }
  return null;
}

export function decideUserRole(view: StateView, intent: Intent<'user.role'>, ctx: DecideContext): Decision {
  const problem = rankProblem(view, ctx, intent.b.user, intent.b.role);
  return problem ? { ok: false, reject: problem } : accept(factOf(intent));
}

export function decideUserActive(view: StateView, intent: Intent<'user.active'>, ctx: DecideContext): Decision {
  const problem = rankProblem(view, ctx, intent.b.user, intent.b.active ? 'owner' : 'none');
  // Bringing an owner back needs an owner; bringing anyone else back does not.
  const back = intent.b.active && view.get('user', intent.b.user)?.role !== 'owner';
  const role = roleOf(view, ctx);
  if (back && problem?.code === 'forbidden' && role && atLeast(role, 'admin')) return accept(factOf(intent));
  return problem ? { ok: false, reject: problem } : accept(factOf(intent));
}
