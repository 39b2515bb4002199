import Type, { type Static } from 'typebox';
import { DeviceIdSchema, UserIdSchema } from '../model/mod.ts';

/**
 * Answer to a `hello` whose cursor the relay can resume from: what was missed follows in `ops` frames, then live ones.
 * `lastN` is the highest device counter the relay has a verdict on. `now` lets the device see how far its clock is off.
 */
export const Welcome = Type.Object({
  m: Type.Literal('welcome'),
  p: Type.Integer({ minimum: 1 }),
  epoch: Type.String({ maxLength: 64 }),
  user: UserIdSchema,
  device: DeviceIdSchema,
  lastN: Type.Integer({ minimum: 0 }),
  now: Type.Integer({ minimum: 0 }),
});
export type Welcome = Static<typeof Welcome>;
