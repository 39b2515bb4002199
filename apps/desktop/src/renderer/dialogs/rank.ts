import type { ChannelId, ConversationView, PersonView } from '@parley/sync/model';

/** A place to go. */
export type Target =
  | { readonly kind: 'conversation'; readonly key: ChannelId; readonly row: ConversationView }
  | { readonly kind: 'person'; readonly key: PersonView['id']; readonly person: PersonView };

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** How well `name` answers `match`; 0 is not at all. Whole, then beginnings, then beginnings of words, then anywhere, then letters in order. */
export function score(name: string, match: string): number {
  const [text, sought] = [fold(name), fold(match)];
  if (sought === '') return 1;
  if (text === sought) return 6;
  if (text.startsWith(sought)) return 5;
  if (text.split(/[\s_.-]+/u).some((word) => word.startsWith(sought))) return 4;
  if (text.includes(sought)) return 3;
  let at = 0;
  for (const letter of sought) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return 0;
  }
  return 2;
}

/** Where one may want to go, likeliest first: unread and recent before the rest, people one has no conversation with last. */
export function rank(
  match: string,
  conversations: readonly ConversationView[],
  people: readonly PersonView[],
  most: number,
): readonly Target[] {
  const known = new Set(conversations.filter((row) => row.kind === 'dm').flatMap((row) => row.with));
  const scored = conversations
    .map((row) => ({ target: { kind: 'conversation', key: row.id, row } as const, value: score(row.name, match), row }))
    .filter(({ value }) => value > 0)
    .sort(
      (a, b) => b.value - a.value || Number(b.row.unread > 0) - Number(a.row.unread > 0) || b.row.lastAt - a.row.lastAt,
    );
  const others = match === '' ? [] : people.filter((person) => person.active && !known.has(person.id));
  return [
    ...scored.map(({ target }) => target),
    ...others.map((person) => ({ kind: 'person', key: person.id, person }) as const),
  ].slice(0, most);
}
