import Type, { type Static } from 'typebox';
import { DeviceIdSchema, WorkspaceIdSchema } from '../model/mod.ts';

/**
 * First frame of a device. `cursor` is the token of the last frame it committed; null means it holds nothing and is
 * told to bootstrap.
 */
export const Hello = Type.Object(
  {
    m: Type.Literal('hello'),
    p: Type.Integer({ minimum: 1, maximum: 1_000 }),
    token: Type.String({ minLength: 1, maxLength: 256 }),
    ws: WorkspaceIdSchema,
    device: DeviceIdSchema,
    cursor: Type.Union([Type.String({ maxLength: 512 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Hello = Static<typeof Hello>;
