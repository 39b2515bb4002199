import type { RoomLimits } from '@parley/relay/room';
import type { ReplicaPolicy } from '@parley/sync/model';

/**
 * A world in which four people are very many: conversations are crowded, the directory is too large to be held, and
 * replicas hold as much as they would in a workspace of that size. `changing`: another size each time the relay starts.
 */
export const CROWDS = ['small', 'medium', 'large', 'changing'] as const;
export type Crowd = (typeof CROWDS)[number];

export const CROWD_LIMITS: Partial<RoomLimits> = {
  crowdMembers: 2,
  passiveMs: 1_000,
  coalesceSockets: 3,
  coalesceMs: 50,
  peopleHeld: 2,
  peopleFacts: { burst: 2, perSecond: 0.5 },
  peopleFactsMissed: 3,
  presencePeople: 2,
  presenceMembers: 2,
  windowMessages: 8,
};

/** Every seventh seed's world is crowded, one of each kind in turn. */
export const crowdOfSeed = (seed: number): Crowd | null =>
  seed % 7 === 1 ? (CROWDS[Math.floor(seed / 7) % CROWDS.length] ?? null) : null;

/** How much replicas hold in the relay's n-th life. */
export function policyOf(crowd: Crowd | null, life: number): ReplicaPolicy['size'] {
  if (crowd === null) return 'small';
  return crowd === 'changing' ? ((['small', 'medium', 'large', 'medium'] as const)[life % 4] ?? 'small') : crowd;
}
