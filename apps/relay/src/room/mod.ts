export type { Bootstrap } from './bootstrap.ts';
export type { RoomEnv } from './env.ts';
export { DEFAULT_LIMITS, type Rate, type RoomLimits } from './limits.ts';
export { noMetrics, type RoomEvent, type RoomMetrics } from './metrics.ts';
export { nodeEnv } from './node-env.ts';
export type { ProvisionOp, ProvisionVerdict } from './provision.ts';
export { Room, type RoomOptions } from './room.ts';
export type { Identity, RoomSession, Wire } from './wire.ts';
