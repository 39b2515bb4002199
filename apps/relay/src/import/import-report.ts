/** Something of the export that was not imported, or not as it stood there. `where` names it as the export does. */
export interface ImportRemark {
  readonly where: string;
  readonly reason: string;
  readonly detail: string;
}

/**
 * What an import did, or would do (`dryRun`). Every count is of the whole export, whether this run brought it or an
 * earlier one had; so repeating an import gives the same counts, and only `existing` tells the difference.
 */
export interface ImportReport {
  /**
   * Entries of the day files that are in the workspace now: posts, replies, bot and `me` messages, tombstones, notes.
   * An entry that had to become several messages counts once. Edit and deletion events are in `revisions` instead.
   */
  messages: number;
  /** Of the messages, those that were in the workspace before this run. */
  existing: number;
  /** Of the messages, those that tell of joins, topics and the like. */
  notes: number;
  /** Threads: messages that at least one reply of this export belongs to. */
  threads: number;
  /** Of the messages, replies that hang below their root; orphans do not count. */
  replies: number;
  /** Of the messages, replies whose root is nowhere to be found. They became messages of their own. */
  orphans: number;
  /** Reactions: one for each person and emoji on a message. */
  reactions: number;
  /** References to files. What the files hold is not imported. */
  files: number;
  /** People and bots: those the export lists and those who appear in it all the same. */
  users: number;
  /** Of the users, those who are people of this workspace already, known by their address. */
  matchedUsers: number;
  /** Conversations of every kind. */
  channels: number;
  /** Edit and deletion events that were carried out. */
  revisions: number;
  /** Messages that had to become several because of a limit on text, mentions or files. */
  split: number;
  /** Messages marked as edited of which an export holds only the last text: when they were edited is not kept. */
  editTimesLost: number;
  /** Texts in which NUL or half a character was replaced. */
  repaired: number;
  /** What was left out. */
  skipped: ImportRemark[];
  /** What was imported otherwise than it stood in the export. */
  adjusted: ImportRemark[];
  dryRun: boolean;
  /** Whether an earlier, interrupted run of the same file had left a mark to resume from. */
  resumed: boolean;
  durationMs: number;
}

export function emptyReport(dryRun: boolean): ImportReport {
  return {
    messages: 0,
    existing: 0,
    notes: 0,
    threads: 0,
    replies: 0,
    orphans: 0,
    reactions: 0,
    files: 0,
    users: 0,
    matchedUsers: 0,
    channels: 0,
    revisions: 0,
    split: 0,
    editTimesLost: 0,
    repaired: 0,
    skipped: [],
    adjusted: [],
    dryRun,
    resumed: false,
    durationMs: 0,
  };
}

/** Remarks that differ only in how often they apply, as one each: a custom emoji may be missing a hundred thousand times. */
export class RemarkTally {
  readonly #counts = new Map<string, { remark: Omit<ImportRemark, 'detail'>; detail: string; count: number }>();

  add(where: string, reason: string, detail: string): void {
    const key = `${where}\n${reason}`;
    const held = this.#counts.get(key);
    if (held) held.count += 1;
    else this.#counts.set(key, { remark: { where, reason }, detail, count: 1 });
  }

  remarks(): ImportRemark[] {
    return [...this.#counts.values()].map(({ remark, detail, count }) => ({
      ...remark,
      detail: `${detail} (${count}×)`,
    }));
  }
}
