import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlDatabase } from '@parley/sync/replica';
import { openWorkspaceFile } from '../../storage/mod.ts';

/** Workspace files as they once stood, to set a relay back to. */
export class Backups {
  readonly #directory = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  #taken = 0;

  /** Copies the database as it stands; the answer opens the copy, each time anew. */
  take(db: SqlDatabase): () => SqlDatabase {
    this.#taken += 1;
    const copy = join(this.#directory, `${this.#taken}.db`);
    db.prepare('VACUUM INTO ?').run([copy]);
    return () => {
      this.#taken += 1;
      const again = join(this.#directory, `${this.#taken}.db`);
      const source = openWorkspaceFile(copy);
      source.prepare('VACUUM INTO ?').run([again]);
      source.close();
      return openWorkspaceFile(again);
    };
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
