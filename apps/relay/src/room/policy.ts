import type { ReplicaPolicy } from '@parley/sync/model';
import { type SqlDatabase, selectOne } from '@parley/sync/replica';
import type { RoomLimits } from './limits.ts';
import type { Census } from './people-census.ts';

/** How much replicas hold: what an operator says, or as the workspace's size has it. */
export type PolicySetting = ReplicaPolicy['size'] | 'auto';

/** A workspace becomes smaller only well below the line, or one that hovers there would have replicas filled and emptied. */
const MARGIN = 0.9;

const SIZES: readonly ReplicaPolicy['size'][] = ['small', 'medium', 'large'];

/** How much of this workspace a replica holds (sync.md §2). */
export class PolicyBoard {
  readonly #census: Census;
  readonly #limits: RoomLimits;
  readonly #setting: PolicySetting;
  readonly #pages: () => number;
  #size: ReplicaPolicy['size'] = 'small';

  constructor(db: SqlDatabase, census: Census, limits: RoomLimits, setting: PolicySetting) {
    this.#census = census;
    this.#limits = limits;
    this.#setting = setting;
    const bytes = selectOne<readonly [number]>(
      db,
      'SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()',
    );
    this.#pages = () => bytes([])?.[0] ?? 0;
  }

  /** The policy a device is told that comes now; it keeps to it until it comes again. */
  now(): ReplicaPolicy {
    this.#size = this.#setting === 'auto' ? this.#measured() : this.#setting;
    return { size: this.#size, window: this.#size === 'large' ? this.#limits.windowMessages : 0 };
  }

  #measured(): ReplicaPolicy['size'] {
    const fits = sizeOf(this.#limits, this.#census.active, this.#pages());
    const clearly = sizeOf(this.#limits, this.#census.active / MARGIN, this.#pages() / MARGIN);
    return SIZES.indexOf(clearly) < SIZES.indexOf(this.#size) ? clearly : later(fits, this.#size);
  }
}

function sizeOf(limits: RoomLimits, people: number, bytes: number): ReplicaPolicy['size'] {
  if (people <= limits.smallPeople && bytes <= limits.smallBytes) return 'small';
  return people <= limits.mediumPeople && bytes <= limits.mediumBytes ? 'medium' : 'large';
}

const later = (a: ReplicaPolicy['size'], b: ReplicaPolicy['size']): ReplicaPolicy['size'] =>
  SIZES.indexOf(a) > SIZES.indexOf(b) ? a : b;
