import { ChannelIdSchema, compileCheck } from '@parley/sync/model';
import { execute, type SqlDatabase, selectOne } from '@parley/sync/replica';
import Type, { type Static } from 'typebox';

const count = Type.Integer({ minimum: 0 });

const SegmentRecord = Type.Object(
  {
    /** Names the file too; drawn by lot, so that nobody finds one who wasn't told. */
    id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    /** Layout and encryption of the replica it is one of. */
    layout: count,
    cipher: Type.String(),
    /** History of the workspace it was made in, and the position in its log. */
    epoch: Type.String(),
    position: count,
    madeAt: count,
    channels: Type.Array(ChannelIdSchema),
    messages: count,
    bytes: count,
    chunkBytes: count,
    chunks: Type.Array(Type.String()),
    /** Key of the file, in hexadecimal digits. */
    key: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);
/** A segment this relay has. */
export type SegmentRecord = Static<typeof SegmentRecord>;
const isRecord = compileCheck<SegmentRecord>(SegmentRecord);

/**
 * Keeps the record of a workspace's segment in the workspace's own file: its key is then as safe as what it opens, and a
 * workspace that is copied or set back says with it that the segment belongs to another history.
 */
export class RecordShelf {
  readonly #get: () => string | undefined;
  readonly #put: (params: readonly string[]) => void;
  readonly #delete: () => void;

  constructor(db: SqlDatabase) {
    const get = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'segment'`);
    const remove = execute(db, `DELETE FROM meta WHERE key = 'segment'`);
    this.#get = () => get([])?.[0];
    this.#put = execute(
      db,
      `INSERT INTO meta (key, value) VALUES ('segment', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = () => remove([]);
  }

  /** The record; null where there is none that this build understands. */
  load(): SegmentRecord | null {
    const text = this.#get();
    if (text === undefined) return null;
    try {
      const record: unknown = JSON.parse(text);
      return isRecord(record) ? record : null;
    } catch {
      return null;
    }
  }

  save(record: SegmentRecord): void {
    this.#put([JSON.stringify(record)]);
  }

  clear(): void {
    this.#delete();
  }
}
