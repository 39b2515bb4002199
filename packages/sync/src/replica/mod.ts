export { CHAIN_BYTES, chainAfter, chainNext, chainOf, chainStart, chainText, sameLink } from './chain.ts';
export { type ChangeKey, type Commit, inChannel } from './changes.ts';
export { CIPHER } from './cipher.ts';
export * from './database.ts';
export type { KeptFact, KnownHistory } from './fact-table.ts';
export type { BackfillPage, FactFrame, VerdictAnswer } from './frames.ts';
export { ForeignJournalError, type JournalEntry, OutboxJournal } from './journal.ts';
export type { JournalFile } from './journal-file.ts';
export { MENTION_SQL, MentionIndex, mentionsIn } from './mention-index.ts';
export { migrate, REPLICA_VERSION } from './migrations.ts';
export { Outbox, type OutboxEntry, type OutboxState } from './outbox.ts';
export { isPendingQ, PENDING_Q } from './overlay.ts';
export {
  countsOf,
  notificationsOf,
  type Presence,
  QUERIES,
  QueryContext,
  type QueryMemo,
  type QuerySurroundings,
  unreadSums,
} from './queries/mod.ts';
export { baseOf, Replica } from './replica.ts';
export {
  type CopyIdentity,
  readCopyIdentity,
  rowsOf,
  streamsOfCopy,
  writeReplicaCopy,
} from './replica-copy.ts';
export { isForeign, type ReplicaIdentity } from './replica-identity.ts';
export { readNotice, writeNotice } from './replica-notice.ts';
export { placeOf, type RowPlace, type RowSum, RowSums, rowPlace, type Stretch } from './row-sums.ts';
export * from './sql.ts';
export * from './sql-view.ts';
export { verifyReplica } from './verify.ts';
