/**
 * Moments at which a process may be made to die, so that what it leaves behind can be looked at. In their order within
 * what they belong to; each stands just after what it names, and before anybody has been told.
 */
export const FAILPOINTS = [
  /** A command's ops are in the journal, and not in the database. */
  'outbox.journaled',
  /** A command's ops are in both. */
  'outbox.committed',
  /** The journal was written anew beside the old one and has not taken its place. */
  'journal.rewritten',
  /** A frame of facts, and the cursor behind it, is in the database. */
  'ops.committed',
  /** A page of rows is in the database. */
  'rows.committed',
  /** What the relay no longer has was taken back, and the cursor stands in its new history. */
  'rewind.committed',
  /** A bootstrap, or a page of history in bulk, has replaced what was there. */
  'bootstrap.installed',
  /** What takes the replica's place is whole, on the disk, beside it. */
  'segment.prepared',
  /** It has taken that place. */
  'segment.installed',
  /** A damaged replica's ops were read, and nothing was moved. */
  'salvage.read',
  /** A damaged replica was set aside, and nothing stands in its place. */
  'salvage.aside',
  /** The new replica is in place with the salvaged ops, and has not been filled. */
  'salvage.committed',
  /** The relay has decided a batch, and written nothing of it. */
  'turn.decided',
  /** A batch is written, and its transaction not yet committed. */
  'turn.written',
  /** A batch is in the relay's database. */
  'turn.committed',
  /** Its authors were told, and nobody else. */
  'turn.acknowledged',
  /** A frame of a bootstrap was read. */
  'copy.read',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

let handler: ((at: Failpoint) => void) | null = null;

/** Lets a process under test hear of each failpoint it passes. Nothing in the product installs one. */
export function onFailpoint(heard: ((at: Failpoint) => void) | null): void {
  handler = heard;
}

/** Marks a moment; does nothing unless somebody listens. */
export function failpoint(at: Failpoint): void {
  handler?.(at);
}
