import { getOrMake, parseMentions, type UserId } from '@parley/sync/model';
import {
  avatarColour,
  dayKey,
  escapeHtml,
  fileSize,
  formatCount,
  type HtmlNames,
  initials,
  markdownHtml,
  pieces,
  type StringKey,
  safeLink,
  t,
} from '@parley/ui/static';
import type { ExportedMessage } from './exported.ts';
import { clockTime, dayAndClock, fullTime } from './times.ts';

/** Pages name people and lead to conversations; where to is the export's business. */
export interface Surroundings {
  readonly me: UserId;
  personName(id: string): string;
  /** Path within the export of a person's picture, if they have one. */
  picture(id: string): string | null;
  emojiPicture(name: string): string | null;
  /** A channel's name, and the path of its pages where it is part of the export. */
  channel(id: string): { readonly name: string; readonly path?: string } | undefined;
}

/** What a page of messages knows: `root` leads from it to the export's directory. */
export interface MessageContext {
  readonly around: Surroundings;
  readonly root: string;
  readonly names: HtmlNames;
}

export function messageContext(around: Surroundings, root: string, href: (path: string) => string): MessageContext {
  const names: HtmlNames = {
    me: around.me,
    user: (id) => around.personName(id),
    channel(id) {
      const channel = around.channel(id);
      if (!channel) return undefined;
      return channel.path === undefined
        ? { name: channel.name }
        : { name: channel.name, href: root + href(channel.path) };
    },
    emoji(name) {
      const path = around.emojiPicture(name);
      return path === null ? undefined : root + href(path);
    },
  };
  return { around, root, names };
}

/** Segmenting a name costs more than the rest of a message, and few names make many messages. */
const MOST_INITIALS = 10_000;
const initialsKnown = new Map<string, string>();

function initialsOf(name: string): string {
  if (initialsKnown.size >= MOST_INITIALS) initialsKnown.clear();
  return getOrMake(initialsKnown, name, () => escapeHtml(initials(name)));
}

export function avatarHtml({ around, root }: MessageContext, id: string, name: string, size = ''): string {
  const picture = around.picture(id);
  const look = picture === null ? initialsOf(name) : `<img src="${escapeHtml(root + picture)}" alt="" loading="lazy">`;
  return `<span class="avatar colour${avatarColour(id)}${size && ` ${size}`}" aria-hidden="true">${look}</span>`;
}

const bdi = (text: string): string => `<bdi>${escapeHtml(text)}</bdi>`;

function noteKey(note: NonNullable<ExportedMessage['note']>, about: string, author: string): StringKey {
  switch (note) {
    case 'join':
      return about !== '' && about !== author ? 'note.joinBy' : 'note.join';
    case 'topic':
      return about === '' ? 'note.topicCleared' : 'note.topic';
    case 'purpose':
      return about === '' ? 'note.purposeCleared' : 'note.purpose';
    case 'leave':
    case 'remove':
    case 'rename':
    case 'archive':
    case 'unarchive':
    case 'convert':
      return `note.${note}`;
  }
}

/** What happened to the conversation, in a sentence. */
export function noteHtml({ around }: MessageContext, message: ExportedMessage): string {
  const { note, about, author, name } = message;
  if (!note) return '';
  const aboutPerson = (note === 'join' || note === 'leave' || note === 'remove') && about !== '';
  const by = { html: bdi(name) };
  const told = { html: bdi(aboutPerson ? around.personName(about) : about) };
  const sentence = pieces(noteKey(note, about, author), { name: aboutPerson ? told : by, by, about: told })
    .map((piece) => (typeof piece === 'string' ? escapeHtml(piece) : piece.html))
    .join('');
  return `<p class="note" id="m-${message.id}">${sentence} ${clockTime(message.at)}</p>`;
}

/** More names than this would cover the page they explain. */
const MOST_NAMES = 20;

function reactionsHtml({ around, root }: MessageContext, message: ExportedMessage): string {
  if (!message.reactions.length) return '';
  const items = message.reactions.map(([emoji, users]) => {
    const known = users.slice(0, MOST_NAMES).map((user) => around.personName(user));
    const names =
      users.length > known.length
        ? t('reaction.more', { names: known.join(', '), count: users.length - known.length })
        : known.join(', ');
    const who = escapeHtml(t('reaction.who', { names, emoji }));
    const picture = /^:.+:$/.test(emoji) ? around.emojiPicture(emoji.slice(1, -1)) : null;
    const drawn = picture === null ? bdi(emoji) : `<img class="emoji" src="${escapeHtml(root + picture)}" alt="">`;
    const mine = users.includes(around.me) ? ' mine' : '';
    return `<li class="reaction${mine}" title="${who}"><span aria-hidden="true">${drawn} <span class="count">${formatCount(users.length)}</span></span><span class="sr">${who}</span></li>`;
  });
  return `<ul class="reactions" aria-label="Reactions">${items.join('')}</ul>`;
}

function filesHtml(message: ExportedMessage): string {
  if (!message.files.length) return '';
  const items = message.files.map(({ name, size, url }) => {
    const href = url === undefined ? null : safeLink(url);
    const shown = bdi(name);
    const linked =
      href === null ? shown : `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer">${shown}</a>`;
    return `<li class="file">${linked}${size > 0 ? ` <span class="quiet">${escapeHtml(fileSize(size))}</span>` : ''}</li>`;
  });
  return `<ul class="files" aria-label="Files">${items.join('')}</ul>`;
}

function formerHtml({ names }: MessageContext, message: ExportedMessage): string {
  if (!message.history.length) return '';
  const items = message.history.map(
    ({ text, at }) => `<li><span class="quiet">${escapeHtml(fullTime(at))}</span>${markdownHtml(text, names)}</li>`,
  );
  return `<details class="former"><summary>${t('message.history')}</summary><ol>${items.join('')}</ol></details>`;
}

/** How a message stands to those around it. */
export interface Place {
  /** Closely behind one of the same author: it carries no name of its own. */
  readonly grouped: boolean;
  /** For a reply that also stands in the conversation: where its thread is, seen from this page. */
  readonly threadHref?: string;
  /** What comes under it: its replies, or the way to them. */
  readonly under?: string;
  /** In the conversation itself, under what it replies to, or on the pages of a long thread. */
  readonly where: 'conversation' | 'under' | 'thread';
  /** Its day is not told by a heading, and is another one than that of what it replies to. */
  readonly dated?: boolean;
}

function marksHtml(message: ExportedMessage, { threadHref, where }: Place): string {
  const inThread = where !== 'conversation';
  const marks = [
    message.pinned ? t('message.pinned') : '',
    message.saved ? t('message.saved') : '',
    message.also && inThread ? t('message.alsoInChannel') : '',
    message.thread && !inThread
      ? threadHref === undefined
        ? 'Replied in a thread that is not part of this export'
        : `<a href="${threadHref}">${t('message.repliedInThread')}</a>`
      : '',
  ].filter(Boolean);
  return marks.length && !message.deleted
    ? `<p class="marks">${marks.map((mark) => `<span>${mark}</span>`).join('')}</p>`
    : '';
}

function bodyHtml(context: MessageContext, message: ExportedMessage): string {
  if (message.deleted) return `<p class="tombstone">${t('message.deleted')}</p>`;
  const edited = message.editedAt
    ? `<span class="edited" title="${escapeHtml(t('message.editedAt', { time: fullTime(message.editedAt) }))}">${t('message.edited')}</span>`
    : '';
  const text = markdownHtml(message.text, context.names, edited);
  return (message.kind === 'me' ? `<div class="me">${text}</div>` : text) + formerHtml(context, message);
}

/** One message with everything on it, and what stands under it. */
export function messageHtml(context: MessageContext, message: ExportedMessage, place: Place): string {
  if (message.note) return noteHtml(context, message);
  const { me } = context.around;
  const { users, all } = parseMentions(message.text);
  const names = ['message', place.grouped ? 'grouped' : '', users.has(me) || all ? 'mentioned' : ''];
  // A reply that is shown in the conversation too stands on the page twice.
  const anchor =
    message.thread && message.rooted && place.where === 'conversation' ? `h-${message.id}` : `m-${message.id}`;
  const time = `<a class="time" href="#${anchor}">${place.dated ? dayAndClock(message.at) : clockTime(message.at)}</a>`;
  const app = message.kind === 'bot' ? ` <span class="app">${t('message.bot')}</span>` : '';
  const head = place.grouped
    ? `<p class="sr">${bdi(message.name)}</p>`
    : `<p class="head"><bdi class="name">${escapeHtml(message.name)}</bdi>${app} ${time}</p>`;
  const side = place.grouped
    ? time
    : avatarHtml(
        context,
        message.author + (message.kind === 'bot' ? message.name : ''),
        message.name,
        place.where === 'under' ? 'small' : '',
      );
  return `<article class="${names.filter(Boolean).join(' ')}" id="${anchor}">
<div class="side">${side}</div><div class="content">${marksHtml(message, place)}${head}${bodyHtml(context, message)}${filesHtml(message)}${reactionsHtml(context, message)}${place.under ?? ''}</div>
</article>
`;
}

const GROUP_MS = 5 * 60_000;

/** Whether a message carries on what the one before it began, as in the window. */
export const follows = (before: ExportedMessage | null, message: ExportedMessage, inThread = false): boolean =>
  before !== null &&
  dayKey(before.at) === dayKey(message.at) &&
  before.author === message.author &&
  before.name === message.name &&
  before.kind === message.kind &&
  !message.note &&
  before.deleted === message.deleted &&
  (inThread || !message.thread) &&
  !message.pinned &&
  // What stands under the one before would stand between them.
  before.replies === 0 &&
  Math.abs(message.at - before.at) < GROUP_MS;
