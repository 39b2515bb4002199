import { type ChannelId, directChannelId, type MessageId, type PersonView, type UserId } from '@parley/sync/model';
import { CliError, EXIT } from './exit.ts';
import { openReplicaReadOnly } from './replica-reader.ts';
import { ask, type Session, sidebarOf } from './session.ts';

/** A conversation a command line names. */
export interface Place {
  readonly ch: ChannelId;
  /** `#name`, or the people. */
  readonly label: string;
}

/** What stands for a conversation on the command line: a channel, or the people of a direct conversation. */
export type Target = { readonly place: Place } | { readonly people: readonly PersonView[] };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** No directory is larger, and no view answers more. */
const EVERYONE = 100_000;

const missing = (what: string): CliError => new CliError(EXIT.refused, what);

async function channelNamed(session: Session, name: string): Promise<Place | null> {
  const { conversations } = await sidebarOf(session);
  const joined = conversations.find((c) => (c.kind === 'public' || c.kind === 'private') && c.name === name);
  if (joined) return { ch: joined.id, label: `#${name}` };
  const listed = (await ask(session, 'directory', { match: name })).find((entry) => entry.name === name);
  return listed ? { ch: listed.id, label: `#${name}` } : null;
}

/** The channel `#name` (or its id): one the person is in before one of the directory. */
export async function channelOf(session: Session, text: string): Promise<Place> {
  if (UUID.test(text)) {
    const view = await ask(session, 'channel', { ch: text as ChannelId });
    if (view)
      return { ch: view.id, label: view.kind === 'public' || view.kind === 'private' ? `#${view.name}` : view.name };
  }
  const name = text.replace(/^#/, '').normalize('NFC');
  const place = (await channelNamed(session, name)) ?? (await channelNamed(session, name.toLowerCase()));
  if (place) return place;
  throw missing(`There is no channel #${name} here; see: parley channel list --all (or run: parley sync)`);
}

/** A person by `@handle`, display name, e-mail address or id. */
export async function personOf(session: Session, text: string): Promise<PersonView> {
  if (text === 'me' || text === '@me') return (await sidebarOf(session)).me;
  if (UUID.test(text)) {
    const person = await ask(session, 'person', { user: text as UserId });
    if (person) return person;
  }
  const wanted = text.replace(/^@/, '').trim().toLowerCase();
  const people = await ask(session, 'people', { match: '', limit: EVERYONE });
  const fits: readonly ((person: PersonView) => boolean)[] = [
    ({ handle }) => handle.toLowerCase() === wanted,
    ({ email }) => email?.toLowerCase() === wanted,
    ({ name }) => name.toLowerCase() === wanted,
  ];
  for (const fit of fits) {
    const [person, ...others] = people.filter(fit);
    if (!person) continue;
    if (others.length === 0) return person;
    throw missing(
      `Several people are called ${text}; use a handle: ${[person, ...others].map(({ handle }) => `@${handle}`).join(', ')}`,
    );
  }
  throw missing(`There is nobody called ${text} here; see: parley people (or run: parley sync)`);
}

/** The people of a list separated by commas. */
export async function peopleOf(session: Session, text: string): Promise<readonly PersonView[]> {
  const names = text.split(',').map((name) => name.trim());
  const people: PersonView[] = [];
  for (const name of names) if (name) people.push(await personOf(session, name));
  if (people.length) return people;
  throw missing('Name at least one person.');
}

/** What `--to` or the first argument of `read` means. */
export async function targetOf(session: Session, text: string): Promise<Target> {
  if (text.startsWith('#') || UUID.test(text)) return { place: await channelOf(session, text) };
  if (text.startsWith('@') || text.includes(',')) return { people: await peopleOf(session, text) };
  const place = await channelNamed(session, text.normalize('NFC'));
  return place ? { place } : { people: await peopleOf(session, text) };
}

const namesOf = (people: readonly PersonView[]): string => people.map(({ name }) => name).join(', ');

/** Where `target` is talked to; a direct conversation that is not there yet is opened. */
export async function openTarget(session: Session, target: Target): Promise<Place> {
  if ('place' in target) return target.place;
  const { ch } = await session.client.call('channel.direct', {
    ws: session.ws,
    users: target.people.map(({ id }) => id),
  });
  return { ch, label: namesOf(target.people) };
}

/** Where `target` was talked to; nothing is opened for the sake of reading. */
export async function heldTarget(session: Session, target: Target): Promise<Place> {
  if ('place' in target) return target.place;
  const ch = directChannelId(session.ws, [session.me, ...target.people.map(({ id }) => id)]);
  if (await ask(session, 'channel', { ch })) return { ch, label: namesOf(target.people) };
  throw missing(`There is no conversation with ${namesOf(target.people)} yet; start one with: parley dm`);
}

/** Fewer digits would name a message by luck. */
const SHORTEST_PREFIX = 6;

/** Ids of unsent ops and held messages, by a beginning that only one of them has. */
function onlyOne<Id extends string>(text: string, what: string, ids: readonly Id[]): Id {
  const [id, ...others] = [...new Set(ids)];
  if (id && others.length === 0) return id;
  throw missing(
    id
      ? `${text} begins several ${what}s; give more of its id (--json shows it whole).`
      : `There is no ${what} ${text} here.`,
  );
}

function demandPrefix(text: string): string {
  const prefix = text.toLowerCase();
  if (new RegExp(`^[0-9a-f-]{${SHORTEST_PREFIX},36}$`).test(prefix)) return prefix;
  throw new CliError(EXIT.usage, `${text} is no id; ids stand at the end of each message of: parley read`);
}

/** A message by its id, or by a beginning of it that only one message has. */
export async function messageOf(session: Session, text: string): Promise<MessageId> {
  const prefix = demandPrefix(text);
  if (UUID.test(prefix)) return prefix as MessageId;
  const waiting = (await session.client.once('ledger', { ws: session.ws })).filter(({ kind }) => kind === 'msg.create');
  const reader = openReplicaReadOnly(session);
  try {
    const unsent = waiting.map(({ id }) => id as string as MessageId).filter((id) => id.startsWith(prefix));
    return onlyOne(text, 'message', [...unsent, ...reader.idsLike(prefix, 2)]);
  } finally {
    reader.close();
  }
}

/** An op of the ledger, likewise. */
export async function opOf(session: Session, text: string) {
  const prefix = demandPrefix(text);
  const entries = await session.client.once('ledger', { ws: session.ws });
  return onlyOne(
    text,
    'unsent op',
    entries.map(({ id }) => id).filter((id) => id.startsWith(prefix)),
  );
}
