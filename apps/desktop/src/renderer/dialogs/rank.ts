import type { ChannelId, ConversationView, PersonView } from '@parley/sync/model';
import { foldText } from '@parley/sync/text';
import MiniSearch from 'minisearch';

/** Something to do, by its name. */
export interface SwitcherCommand {
  readonly key: string;
  readonly label: string;
  run(): void;
}

/** A place to go, or something to do. */
export type Target =
  | { readonly kind: 'conversation'; readonly key: ChannelId; readonly row: ConversationView }
  | { readonly kind: 'person'; readonly key: PersonView['id']; readonly person: PersonView }
  | { readonly kind: 'command'; readonly key: string; readonly command: SwitcherCommand };

export interface Places {
  readonly conversations: readonly ConversationView[];
  readonly people: readonly PersonView[];
  readonly commands: readonly SwitcherCommand[];
  /** How often and lately each conversation was gone to, from 0. */
  frecency(ch: ChannelId): number;
}

const WORDS = /[\s_.-]+/u;

/** How well `name` answers `match`; 0 is not at all. Whole, then beginnings, then beginnings of words, then anywhere, then letters in order. */
export function score(name: string, match: string): number {
  const [text, sought] = [foldText(name), foldText(match)];
  if (sought === '') return 1;
  if (text === sought) return 6;
  if (text.startsWith(sought)) return 5;
  if (text.split(WORDS).some((word) => word.startsWith(sought))) return 4;
  if (text.includes(sought)) return 3;
  let at = 0;
  for (const letter of sought) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return 0;
  }
  return STREWN;
}

/** Words this short have too many neighbours to forgive a slip in them. */
const SLIP_FROM = 4;
/** Two letters that changed places count as two slips. */
const SWAP_FROM = 6;
/** The letters are there, in order, with others in between. */
const STREWN = 2;
/** Below every name that has the letters. */
const MISSPELT = 1;

/** Ids of the names that answer although something is misspelt, or the words stand in another order. */
export type Misspelt = (match: string) => ReadonlySet<string>;

/** Finds among these names; they are indexed when first something is looked for. */
export function misspelling({ conversations, commands }: Pick<Places, 'conversations' | 'commands'>): Misspelt {
  let index: MiniSearch<{ id: string; name: string }> | null = null;
  const indexed = () => {
    const made = new MiniSearch<{ id: string; name: string }>({
      fields: ['name'],
      tokenize: (text) => text.split(WORDS).filter(Boolean),
      processTerm: foldText,
      searchOptions: {
        prefix: true,
        fuzzy: (term) => (term.length < SLIP_FROM ? false : term.length < SWAP_FROM ? 1 : 2),
        combineWith: 'AND',
      },
    });
    made.addAll(conversations.map(({ id, name }) => ({ id, name })));
    made.addAll(commands.map(({ key, label }) => ({ id: key, name: label })));
    return made;
  };
  return (match) => {
    if (match.length < SLIP_FROM) return NONE;
    index ??= indexed();
    return new Set(index.search(match).map(({ id }) => id as string));
  };
}
const NONE: ReadonlySet<string> = new Set();

/**
 * Where one may want to go, likeliest first: by how well the name answers, then unread, then what one goes to often and
 * lately. People one has no conversation with come after, then what can be done, where something was typed, and last names
 * that only may have been meant.
 */
export function rank(match: string, given: Places, misspelt: Misspelt, most: number): readonly Target[] {
  const { conversations, people, commands, frecency } = given;
  const near = misspelt(match);
  const answers = (id: string, name: string): number => score(name, match) || (near.has(id) ? MISSPELT : 0);
  const known = new Set(conversations.filter((row) => row.kind === 'dm').flatMap((row) => row.with));
  const scored = conversations
    .map((row) => ({ row, value: answers(row.id, row.name), often: frecency(row.id) }))
    .filter(({ value }) => value > 0)
    .sort(
      (a, b) =>
        b.value - a.value ||
        Number(b.row.unread > 0) - Number(a.row.unread > 0) ||
        b.often - a.often ||
        b.row.lastAt - a.row.lastAt,
    );
  const others = match === '' ? [] : people.filter((person) => person.active && !known.has(person.id));
  const doable = commands
    .map((command) => ({ command, value: match === '' ? 0 : answers(command.key, command.label) }))
    // Letters strewn over a sentence are in most sentences.
    .filter(({ command, value }) => value > STREWN || near.has(command.key))
    .sort((a, b) => b.value - a.value);
  const toPlace = ({ row }: (typeof scored)[number]) => ({ kind: 'conversation', key: row.id, row }) as const;
  const toDo = doable.map(({ command }) => ({ kind: 'command', key: command.key, command }) as const);
  const places: Target[] = [
    ...scored.filter(({ value }) => value > STREWN || match === '').map(toPlace),
    ...others.map((person) => ({ kind: 'person', key: person.id, person }) as const),
  ];
  const far = match === '' ? [] : scored.filter(({ value }) => value <= STREWN).map(toPlace);
  return [...places.slice(0, most - Math.min(toDo.length, COMMANDS_SHOWN)), ...toDo, ...far].slice(0, most);
}

/** Room kept for commands below many places. */
const COMMANDS_SHOWN = 3;
