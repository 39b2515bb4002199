import type { ChannelId, ChannelKind, UserId } from '@parley/sync/model';
import { UNKNOWN_PERSON, viewNamed } from '../../views/documented-views.ts';
import { internal, type Selection } from '../../views/view.ts';
import { writeText } from '../export-files.ts';
import { EXPORT_VERSION, type ExportCounts, type ExportSource } from '../export-source.ts';
import { FileNames } from '../file-names.ts';
import { EXPORT_FORMAT, MANIFEST } from '../written-whole.ts';
import { INDEX_FILE, type MessagePage, messageCount, writeConversation } from './conversation-pages.ts';
import { conversationHead, conversationIndex, messagesPage } from './conversation-views.ts';
import type { ExportedConversation, Kept } from './exported.ts';
import { indexPage } from './index-page.ts';
import { messageContext, type Surroundings } from './message-html.ts';
import { footerText, hrefOf } from './page.ts';
import { writePeople } from './people-pages.ts';
import { Pictures } from './pictures.ts';
import { stylesheet } from './stylesheet.ts';
import { writeYours } from './yours-page.ts';

function conversationsOf(source: ExportSource): ExportedConversation[] {
  const names = new FileNames();
  const view = viewNamed('conversations');
  const columns = { ...view.columns, at: internal('c.at') };
  return [...source.rows({ columns, from: view.from }, `ORDER BY ${view.order}`)].map((row) => {
    const ch = String(row.id) as ChannelId;
    const kind = String(row.kind) as ChannelKind;
    return {
      ch,
      kind,
      name: String(row.name),
      topic: String(row.topic),
      purpose: String(row.purpose),
      archived: row.archived === 1,
      joined: row.joined === 1,
      creator: String(row.creator) as UserId,
      createdAt: Number(row.at),
      path: `conversations/${names.take(String(row.name), kind)}`,
      messages: messageCount(source, ch),
    };
  });
}

const EMOJI_NAMES: Selection = { columns: { name: internal('e.name') }, from: 'FROM $emoji e WHERE e.gone = 0' };
const EMOJI: Selection = { columns: { picture: internal('e.image') }, from: 'FROM $emoji e' };
const AVATARS: Selection = { columns: { picture: internal('u.avatar') }, from: 'FROM $user u' };

function surroundingsOf(
  source: ExportSource,
  directory: string,
  conversations: readonly ExportedConversation[],
): Surroundings {
  const pictures = new Pictures(directory);
  const paths = new Map<string, string>(conversations.map(({ ch, path }) => [ch, `${path}/${INDEX_FILE}`]));
  const emoji = new Set([...source.rows(EMOJI_NAMES, 'ORDER BY e.name')].map(({ name }) => String(name)));
  /** Pictures are read one by one: those of everyone together may be more than a process can hold. */
  const read = (view: Selection, where: string, key: string): string | undefined => {
    for (const { picture } of source.rows(view, where, key)) return String(picture);
    return undefined;
  };
  return {
    me: source.scope.values.me as UserId,
    personName: (id) => source.names.person(id)?.name ?? UNKNOWN_PERSON,
    picture(id) {
      const person = source.names.person(id);
      return person ? pictures.pathOf(`person ${id}`, person.handle, () => read(AVATARS, 'WHERE u.id = ?', id)) : null;
    },
    emojiPicture: (name) =>
      emoji.has(name)
        ? pictures.pathOf(`emoji ${name}`, `emoji-${name}`, () => read(EMOJI, 'WHERE e.name = ?', name))
        : null,
    channel(id) {
      const name = source.names.channel(id);
      const path = paths.get(id);
      return name === undefined ? undefined : { name, ...(path === undefined ? {} : { path }) };
    },
  };
}

/** Writes conversations and people as pages to read in a browser: no scripts, no server, nothing fetched. */
export async function writeHtmlExport(source: ExportSource, directory: string): Promise<ExportCounts> {
  const conversations = conversationsOf(source);
  const around = surroundingsOf(source, directory, conversations);
  const footer = footerText(source.at);
  const workspace = source.scope.values.name;
  const saved: Kept[] = [];
  writeText(directory, 'style.css', stylesheet());

  let messages = 0;
  for (const conversation of conversations) {
    const { path } = conversation;
    const context = messageContext(around, '../../', hrefOf);
    const pinned: Kept[] = [];
    const head = conversationHead(source, context, conversation);
    const site = { workspace, conversation, context, footer };
    const pages: readonly MessagePage[] = await writeConversation(
      {
        source,
        context,
        write: (page, html, frame) =>
          void writeText(directory, `${path}/${page.file}`, messagesPage({ ...site, page, html, frame, head, pinned })),
        kept(message, page) {
          const kept = { message, conversation, href: `${hrefOf(`${path}/${page.file}`)}#m-${message.id}` };
          if (message.pinned) pinned.push(kept);
          if (message.saved) saved.push(kept);
        },
      },
      conversation.ch,
      conversation.messages,
    );
    if (!pages.some(({ file }) => file === INDEX_FILE))
      writeText(directory, `${path}/${INDEX_FILE}`, conversationIndex({ ...site, head, pages, pinned }));
    messages += conversation.messages;
  }

  const context = messageContext(around, '', hrefOf);
  const people = await writePeople({ source, context, directory, workspace, footer });
  const yours = writeYours({ source, context, directory, workspace, footer, saved, conversations });
  const counts = { messages, people, conversations: conversations.length };
  writeText(directory, INDEX_FILE, indexPage({ source, context, workspace, footer, conversations, counts, yours }));
  const manifest = { format: EXPORT_FORMAT, version: EXPORT_VERSION, kind: 'html', ...source.about, counts };
  writeText(directory, MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  return counts;
}
