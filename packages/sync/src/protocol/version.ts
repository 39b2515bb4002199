/**
 * Version of the wire. Both sides name theirs in `hello` and `welcome`; a relay serves this version and the one before.
 * `schema-hash.test.ts` fails when a message changes and this file doesn't.
 *
 * History
 * - 1 (2026-11-22): first version.
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;
