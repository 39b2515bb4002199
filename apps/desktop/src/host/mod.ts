export { type Host, type HostOptions, isLocked, openHost } from './host.ts';
export { answerKeyRequest, type KeyAnswer, type KeyRequest } from './key-door.ts';
export { askKeys, connectLocal } from './local-socket.ts';
export { askSecret, passphraseAccess, readPassphraseFile } from './passphrase.ts';
export { type Reached, reachEngine } from './reach.ts';
