import {
  type ChannelId,
  channelMention,
  type Names,
  parseMentions,
  renderMentions,
  type UserId,
  userMention,
} from '@parley/sync/model';
import { ask, type Session, sidebarOf } from './session.ts';

/** Fenced and inline code: what stands in it is not a mention. An unclosed fence reaches to the end. */
const CODE = /(`{3,})[^`][\s\S]*?(?:\1|$)|(`+)(?!`)[^`](?:[\s\S]*?[^`])?\2(?!`)/g;
/** `@handle` or `#channel` where a word may begin. */
const NAMED = /(?<![\p{L}\p{N}_\\<@#/])([@#])([\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}._-]*)/gu;

/** The stored form of a text as typed: `@handle`, `#channel`, `@here` and `@channel` become mentions where they name something. */
export async function toStored(session: Session, text: string): Promise<string> {
  if (!/[@#]/.test(text)) return text;
  const people = new Map(
    (await ask(session, 'people', { match: '', limit: 100_000 })).map(({ handle, id }) => [handle.toLowerCase(), id]),
  );
  const listed = await ask(session, 'directory', { match: '' });
  const channels = new Map<string, ChannelId>(listed.map(({ name, id }) => [name, id]));
  for (const { kind, name, id } of (await sidebarOf(session)).conversations)
    if (kind === 'private' || kind === 'public') channels.set(name, id);

  const tokenOf = (sigil: string, name: string): string | null => {
    if (sigil === '#') return channels.has(name) ? channelMention(channels.get(name) as ChannelId) : null;
    if (name === 'here' || name === 'channel') return `<!${name}>`;
    const user = people.get(name.toLowerCase());
    return user ? userMention(user) : null;
  };
  const mentioned = (prose: string): string =>
    prose.replace(NAMED, (typed, sigil: string, word: string) => {
      // A name at the end of a sentence: its dots and dashes are tried as part of the name first.
      for (let end = word.length; end > 0; end--) {
        const token = tokenOf(sigil, word.slice(0, end));
        if (token) return token + word.slice(end);
        if (!/[._-]/.test(word[end - 1] ?? '')) break;
      }
      return typed;
    });

  let stored = '';
  let from = 0;
  for (const { index, 0: code } of text.matchAll(CODE)) {
    stored += mentioned(text.slice(from, index)) + code;
    from = index + code.length;
  }
  return stored + mentioned(text.slice(from));
}

/** Reads texts back as they would be typed: handles where they are known, so that reading and sending are inverse. */
export async function typedTexts(
  session: Session,
  texts: readonly string[],
  names: Names,
): Promise<(text: string) => string> {
  const users = new Set<UserId>();
  for (const text of texts) for (const user of parseMentions(text).users) users.add(user);
  const handles = new Map<UserId, string>();
  for (const user of users) {
    const person = await ask(session, 'person', { user });
    if (person) handles.set(user, person.handle);
  }
  return (text) =>
    renderMentions(text, {
      user: (id) => handles.get(id) ?? names.users[id] ?? 'unknown-person',
      channel: (id) => names.channels[id] ?? 'unknown-channel',
    });
}
