/**
 * Version of the wire. Both sides name theirs in `hello` and `welcome`; a relay serves this version and the one before.
 * `schema-hash.test.ts` fails when a message changes and this file doesn't.
 *
 * History
 * - 1 (2026-11-22): first version.
 * - 2 (2026-11-22): marks on facts, links of the hash chain, `probe`, `offer`, `sum`, `people`, `passive`; `fork` and `policy`
 *   in the welcome.
 */
export const PROTOCOL_VERSION = 2;
export const OLDEST_PROTOCOL_VERSION = 1;
