export { type Host, type HostOptions, isLocked, openHost } from './host.ts';
export { connectLocal } from './local-socket.ts';
export { type Reached, reachEngine } from './reach.ts';
