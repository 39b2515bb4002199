export { databaseKey, deriveKey, KEY_BYTES } from './derive-key.ts';
export { encryptHome } from './encrypt-home.ts';
export { type HomeAccessCode, HomeAccessError } from './home-access-error.ts';
export { HomeKeys, openHomeKeys } from './home-keys.ts';
export type { Disclosure, KeyAccess, Keystore } from './key-access.ts';
export { recoverHome } from './recover.ts';
export { type RecoveryKeyProblem, readRecoveryKey } from './recovery-key.ts';
export { setHomeAside } from './set-aside.ts';
