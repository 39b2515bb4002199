export { checkedPort } from './checked.ts';
export { MAX_FROM_ENGINE_BYTES, MAX_TO_ENGINE_BYTES } from './limits.ts';
export { type MessagePortMainLike, messagePort } from './message-port.ts';
export { portPair } from './pair.ts';
export { pipe } from './pipe.ts';
export { socketPort } from './socket.ts';
export { webSocketPort } from './web-socket.ts';
