import type { MessageId } from '@parley/sync/model';
import { openReplicaReadOnly } from './replica-reader.ts';
import type { Session } from './session.ts';

/** Where an id may be cut: after its time, which is enough for what was written here, and after each part that follows. */
const CUTS = [13, 18, 23] as const;

/** An op's id, as people read it; what they just wrote has a time of its own. */
export const shownId = (id: string): string => id.slice(0, CUTS[0]);

/** As much of each message's id as names it alone: what was imported often shares its time with others. */
export function shownIds(session: Session, ids: readonly MessageId[]): (id: MessageId) => string {
  const reader = openReplicaReadOnly(session);
  try {
    const shown = new Map(
      ids.map(
        (id) =>
          [
            id,
            id.slice(
              0,
              CUTS.find((cut) => reader.idsLike(id.slice(0, cut), 2).length < 2),
            ),
          ] as const,
      ),
    );
    return (id) => shown.get(id) ?? id;
  } finally {
    reader.close();
  }
}
