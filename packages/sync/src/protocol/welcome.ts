import Type, { type Static } from 'typebox';
import { DeviceIdSchema, ReplicaPolicySchema, UserIdSchema } from '../model/mod.ts';

/**
 * Answer to a `hello` whose cursor the relay can resume from: what was missed follows in `ops` frames, then live ones.
 * `lastN` is the highest device counter the relay has a verdict on. `now` lets the device see how far its clock is off.
 *
 * Since version 2: with `fork` the cursor of `hello` belongs to another history of this workspace. The device finds with
 * `probe` how far the two agree, takes back the rest, and goes on from `fork`, which stands at the end of the log; what
 * arrives until then is not for it. `policy` says how much of the workspace a replica holds.
 */
export const Welcome = Type.Object({
  m: Type.Literal('welcome'),
  p: Type.Integer({ minimum: 1 }),
  epoch: Type.String({ maxLength: 64 }),
  user: UserIdSchema,
  device: DeviceIdSchema,
  lastN: Type.Integer({ minimum: 0 }),
  now: Type.Integer({ minimum: 0 }),
  fork: Type.Optional(Type.String({ maxLength: 512 })),
  policy: Type.Optional(ReplicaPolicySchema),
});
export type Welcome = Static<typeof Welcome>;
