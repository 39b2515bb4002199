/** Time, chance and scheduling. A room takes them from outside, so a simulation drives the very same room. */
export type { Env as RoomEnv } from '@parley/sync/core';
