import type { OpId, StreamId } from '../../model/mod.ts';
import type { Breach, LoggedFact } from '../picture.ts';

/** A verdict a device heard. */
export interface Acknowledged {
  readonly op: OpId;
  readonly s: StreamId;
  readonly q: number;
}

/** I1 (its half at the relay): what was acknowledged is in the log where the verdict said. */
export function checkAcknowledged(log: readonly LoggedFact[], acknowledged: readonly Acknowledged[]): Breach[] {
  const places = new Map(log.map(({ fact }) => [fact.i, fact]));
  return acknowledged.flatMap(({ op, s, q }) => {
    const fact = places.get(op);
    return fact?.s === s && fact.q === q
      ? []
      : [
          {
            invariant: 'I1',
            what: `${op} was acknowledged at ${s} ${q} and is ${fact ? `at ${fact.s} ${fact.q}` : 'nowhere'}`,
          },
        ];
  });
}

/** I2: each id once. I4: within a stream the sequences have no hole. */
export function checkLog(log: readonly LoggedFact[]): Breach[] {
  const breaches: Breach[] = [];
  const ids = new Set<OpId>();
  const heads = new Map<StreamId, number>();
  for (const { fact } of log) {
    if (ids.has(fact.i)) breaches.push({ invariant: 'I2', what: `${fact.i} is in the log twice` });
    ids.add(fact.i);
    const next = (heads.get(fact.s) ?? 0) + 1;
    if (fact.q !== next) breaches.push({ invariant: 'I4', what: `${fact.s} goes from ${next - 1} to ${fact.q}` });
    heads.set(fact.s, fact.q);
  }
  return breaches;
}

/** I3: whatever was ever sent as (`stream`, `q`) was the log's fact, to the byte. `sent` is keyed `stream q`. */
export function checkSameBytes(log: readonly LoggedFact[], sent: ReadonlyMap<string, ReadonlySet<string>>): Breach[] {
  const texts = new Map(log.map(({ fact, text }) => [placeOf(fact), text]));
  return [...sent].flatMap(([place, forms]) =>
    [...forms].flatMap((form) =>
      texts.get(place) === form
        ? []
        : [
            {
              invariant: 'I3',
              what: `${place} was sent as ${form}; the log has ${texts.get(place) ?? 'nothing there'}`,
            },
          ],
    ),
  );
}

/** How a fact's place is named in `sent`. */
export const placeOf = ({ s, q }: { readonly s: StreamId; readonly q: number }): string => `${s} ${q}`;
