import type { StateView } from '@parley/sync/core';
import type { ChannelId } from '@parley/sync/model';
import { type SqlDatabase, selectOne } from '@parley/sync/replica';

/**
 * Says whether conversations are still such as every full member sees. Asked for each piece that is sent, and looked up
 * only after something was written: without a new fact nothing can have changed.
 */
export class SightCheck {
  readonly #view: StateView;
  readonly #channels: readonly ChannelId[];
  readonly #position: () => number;
  #checkedAt = -1;
  #open = true;

  constructor(db: SqlDatabase, view: StateView, channels: readonly ChannelId[]) {
    const tail = selectOne<readonly [number]>(db, 'SELECT pos FROM log_tail');
    this.#view = view;
    this.#channels = channels;
    this.#position = () => tail([])?.[0] ?? 0;
  }

  /** Once false, it stays so: what was closed is not made public again under the same words. */
  holds(): boolean {
    if (!this.#open) return false;
    const position = this.#position();
    if (position !== this.#checkedAt) {
      this.#checkedAt = position;
      this.#open = this.#channels.every((ch) => {
        const row = this.#view.get('channel', ch);
        return row?.kind === 'public' && row.deleted === 0;
      });
    }
    return this.#open;
  }
}
