import type { Intent, OpId, RejectCode } from '../model/mod.ts';
import type { JournalFile } from './journal-file.ts';
import { journalHeader, NONCE_BYTES, readJournal, sealFrame } from './journal-frames.ts';
import type { ReplicaIdentity } from './replica-identity.ts';

/** An op as the journal keeps it. What is under way counts as waiting: a relay recognises what it has had. */
export interface JournalEntry {
  /** Place in the queue. */
  readonly seq: number;
  readonly intent: Omit<Intent, 'n'>;
  readonly failed: { readonly code: RejectCode; readonly detail: string } | null;
}

/** What one transaction did to the outbox. */
export interface JournalChange {
  readonly put: readonly JournalEntry[];
  /** Ended by the relay: confirmed in some way. */
  readonly end: readonly OpId[];
  /** Ended by the person. */
  readonly drop: readonly OpId[];
}

/** The first frame: whose journal this is, and what was live when it was written. Further entries follow in changes. */
interface BaseFrame extends JournalChange {
  readonly rev: number;
  /** `rev` of the last op that the person ended. */
  readonly dropRev: number;
  readonly lineage: string;
  readonly ws: string;
  readonly user: string;
}
type Frame = BaseFrame | (JournalChange & { readonly rev: number });

/** Below this, rewriting costs more than reading: some hundred ops. */
const REWRITE_BYTES = 64 * 1_024;
/** Of an empty outbox a new journal is small, so an old one is given up earlier: once in some dozens of messages. */
const EMPTY_REWRITE_BYTES = 16 * 1_024;
/** Rewritten once it holds this many times what is live. */
const SLACK = 4;
/** Entries of a new journal are put into frames of about this size. */
const FRAME_BYTES = 1_048_576;
const LINEAGE_BYTES = 12;

export interface JournalParts {
  readonly file: JournalFile;
  readonly key: Uint8Array;
  readonly identity: ReplicaIdentity;
  readonly random: (bytes: Uint8Array) => Uint8Array;
}

/** A journal that isn't this replica's: under another key, of another person or workspace, or of a newer build. */
export class ForeignJournalError extends Error {
  override readonly name = 'ForeignJournalError';
}

/**
 * The second copy of the outbox, in a file of its own beside the replica: every op that was put in, changed or ended,
 * appended as it happens, so that no damage to the database takes with it what was never sent. Each change has a number
 * (`rev`) that the database keeps too, in the same transaction: by it the two are compared when they are opened.
 */
export class OutboxJournal {
  /** Tells this journal from any other; the database names the one it belongs to. */
  readonly lineage: string;
  readonly #parts: JournalParts;
  readonly #live = new Map<OpId, JournalEntry>();
  /** Named by the frames that are there; what was dropped before the base is known by number alone. */
  readonly #dropped = new Set<OpId>();
  #header: Uint8Array;
  #frames: number;
  #bytes: number;
  #rev = 0;
  #dropRev = 0;
  #baseDropRev = 0;
  /** The file can't be gone on with as it is: there is none yet, or something in it can't be read or undone. */
  #spoilt: boolean;
  /** Size at which it is worth asking again how much of it is live. */
  #lookAt = REWRITE_BYTES;
  #undo: (() => void) | null = null;

  /** Throws `ForeignJournalError`, and what the system says where the file can't be read. */
  constructor(parts: JournalParts) {
    this.#parts = parts;
    const bytes = parts.file.read();
    const reading = readJournal(parts.key, bytes);
    const frames = reading.payloads.map((payload) => JSON.parse(payload) as Frame);
    const base = frames.find((frame) => 'lineage' in frame);
    const { workspace, user } = parts.identity;
    if (reading.state === 'foreign' || (base && (base.ws !== workspace || base.user !== user)))
      throw new ForeignJournalError('the journal is not of this replica');
    this.#header = reading.header;
    this.#frames = reading.frames;
    this.#bytes = reading.end;
    // What broke off behind the end is cut by writing it anew, which also makes good whatever it was to say.
    this.#spoilt = !base || reading.state !== 'whole' || bytes.length > reading.end;
    this.lineage = base?.lineage ?? Buffer.from(parts.random(new Uint8Array(LINEAGE_BYTES))).toString('base64url');
    this.#dropRev = this.#baseDropRev = base?.dropRev ?? 0;
    for (const { rev, ...change } of frames) {
      this.#rev = rev;
      this.#apply(change);
    }
  }

  /** Number of the last change. */
  get rev(): number {
    return this.#rev;
  }

  /** Number of the last op the person ended of which no name is left here. */
  get forgottenDropRev(): number {
    return this.#baseDropRev;
  }

  /** Whether it has to be written anew before it can be relied on. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  /** What was in the outbox after the last change, in the order the person did it. */
  entries(): readonly JournalEntry[] {
    return [...this.#live.values()].sort((a, b) => a.seq - b.seq);
  }

  has(id: OpId): boolean {
    return this.#live.has(id);
  }

  /** Whether the person ended this op, as far as is known. */
  dropped(id: OpId): boolean {
    return this.#dropped.has(id);
  }

  /** Appends a change and says its number; `durably` puts it on the disk. Throws, with everything as it was, where it can't. */
  write(change: JournalChange, durably: boolean): number {
    this.#tidy();
    const { file } = this.#parts;
    const [rev, dropRev, bytes, frames] = [this.#rev, this.#dropRev, this.#bytes, this.#frames];
    const frame = this.#seal(this.#frames, { rev: rev + 1, ...change });
    const restore = (): void => {
      this.#bytes = bytes;
      this.#frames = frames;
      try {
        file.cut(bytes);
        file.sync();
      } catch {
        this.#spoilt = true;
      }
    };
    try {
      file.append(frame);
      if (durably) file.sync();
    } catch (error) {
      restore();
      throw error;
    }
    this.#bytes += frame.length;
    this.#frames += 1;
    this.#rev = rev + 1;
    const before = [...change.put.map(({ intent }) => intent.i), ...change.end, ...change.drop].map(
      (id) => [id, this.#live.get(id), this.#dropped.has(id)] as const,
    );
    this.#apply(change);
    this.#undo = () => {
      this.#rev = rev;
      this.#dropRev = dropRev;
      for (const [id, entry, dropped] of before) {
        if (entry) this.#live.set(id, entry);
        else this.#live.delete(id);
        if (dropped) this.#dropped.add(id);
        else this.#dropped.delete(id);
      }
      restore();
    };
    return this.#rev;
  }

  /** Takes back the change written last: what it went along with did not come about. */
  takeBack(): void {
    this.#undo?.();
    this.#undo = null;
  }

  /** The change written last stands. */
  settle(): void {
    this.#undo = null;
  }

  /** Begins anew with these entries, as the change with this number. */
  restart(entries: readonly JournalEntry[], rev: number): void {
    this.#live.clear();
    for (const entry of entries) this.#live.set(entry.intent.i, entry);
    this.#rev = rev;
    this.#rewrite();
  }

  close(): void {
    this.#parts.file.close();
  }

  #apply({ put, end, drop }: JournalChange): void {
    for (const entry of put) {
      this.#live.set(entry.intent.i, entry);
      this.#dropped.delete(entry.intent.i);
    }
    for (const id of [...end, ...drop]) this.#live.delete(id);
    for (const id of drop) this.#dropped.add(id);
    if (drop.length) this.#dropRev = this.#rev;
  }

  #seal(index: number, frame: Frame): Uint8Array {
    const nonce = this.#parts.random(new Uint8Array(NONCE_BYTES));
    return sealFrame(this.#parts.key, this.#header, index, JSON.stringify(frame), nonce);
  }

  /** Writes it anew where it can't be gone on with, or holds much more than is live. */
  #tidy(): void {
    if (this.#spoilt || (this.#live.size === 0 && this.#bytes > EMPTY_REWRITE_BYTES)) return this.#rewrite();
    if (this.#bytes < this.#lookAt) return;
    if (this.#bytes > SLACK * JSON.stringify(this.entries()).length) this.#rewrite();
    this.#lookAt = Math.max(REWRITE_BYTES, 2 * this.#bytes);
  }

  #rewrite(): void {
    const { file, identity, random } = this.#parts;
    const former = this.#header;
    this.#header = journalHeader(random);
    const base = { rev: this.#rev, dropRev: this.#dropRev, end: [], drop: [] };
    const whose = { lineage: this.lineage, ws: identity.workspace, user: identity.user };
    const chunks = chunked(this.entries());
    const frames = chunks.map((put, index) => this.#seal(index, { ...base, ...(index === 0 ? whose : {}), put }));
    try {
      const bytes = Buffer.concat([this.#header, ...frames]);
      file.replace(bytes);
      this.#bytes = bytes.length;
    } catch (error) {
      this.#header = former;
      this.#spoilt = true;
      throw error;
    }
    this.#frames = frames.length;
    this.#baseDropRev = this.#dropRev;
    this.#dropped.clear();
    this.#spoilt = false;
  }
}

/** At least one chunk, however few the entries. */
function chunked(entries: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  const chunks: JournalEntry[][] = [[]];
  let size = 0;
  for (const entry of entries) {
    const bytes = JSON.stringify(entry).length;
    if (size > 0 && size + bytes > FRAME_BYTES) {
      chunks.push([]);
      size = 0;
    }
    size += bytes;
    chunks.at(-1)?.push(entry);
  }
  return chunks;
}
