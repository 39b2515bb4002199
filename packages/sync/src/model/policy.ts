import Type, { type Static } from 'typebox';

/**
 * How much of a workspace a replica holds. `small`: everything the person may see. `medium`: conversations they are in,
 * others while they are looked at. `large`: of each conversation the newest `window` messages, older ones while they are
 * looked at.
 */
export const ReplicaPolicySchema = Type.Object({
  size: Type.Union([Type.Literal('small'), Type.Literal('medium'), Type.Literal('large')]),
  window: Type.Integer({ minimum: 0 }),
});
export type ReplicaPolicy = Static<typeof ReplicaPolicySchema>;
