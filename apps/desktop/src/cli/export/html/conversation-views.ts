import { escapeHtml, formatCount } from '@parley/ui/static';
import { viewNamed } from '../../views/documented-views.ts';
import type { ExportSource } from '../export-source.ts';
import { INDEX_FILE, type MessagePage, type PageFrame } from './conversation-pages.ts';
import { excerptOf } from './excerpt.ts';
import type { ExportedConversation, Kept } from './exported.ts';
import { avatarHtml, type MessageContext, messageHtml, noteHtml } from './message-html.ts';
import { type Crumb, hrefOf, pageHtml } from './page.ts';
import { dayRange, shortDay, yearName } from './times.ts';

/** Members named on a conversation's first page before the rest is folded away. */
const SHOWN_MEMBERS = 24;

const isChannel = ({ kind }: ExportedConversation): boolean => kind === 'public' || kind === 'private';
/** `#general`, or the people. */
export const titleOf = (conversation: ExportedConversation): string =>
  `${isChannel(conversation) ? '#' : ''}${conversation.name}`;
export const messagesLabel = (count: number): string => `${formatCount(count)} ${count === 1 ? 'message' : 'messages'}`;

interface Site {
  readonly workspace: string;
  readonly conversation: ExportedConversation;
  readonly context: MessageContext;
  readonly footer: string;
}

function membersHtml(source: ExportSource, context: MessageContext, { ch }: ExportedConversation): string {
  const items: string[] = [];
  for (const { person } of source.rows(viewNamed('members'), 'AND n.ch = ? ORDER BY n.at, n.user', ch)) {
    const id = String(person);
    const name = context.around.personName(id);
    items.push(`<li>${avatarHtml(context, id, name, 'small')}<bdi>${escapeHtml(name)}</bdi></li>`);
  }
  if (!items.length) return '';
  const label = `${formatCount(items.length)} ${items.length === 1 ? 'member' : 'members'}`;
  const list = `<ul class="members">${items.join('')}</ul>`;
  return `<details class="facts"${items.length > SHOWN_MEMBERS ? '' : ' open'}><summary>${label}</summary>${list}</details>`;
}

/** What a conversation is: its name, topic, purpose and people. */
export function conversationHead(
  source: ExportSource,
  context: MessageContext,
  conversation: ExportedConversation,
): string {
  const { topic, purpose, archived, kind, creator, createdAt, messages } = conversation;
  const facts = [
    messagesLabel(messages),
    kind === 'private' ? 'private channel' : kind === 'public' ? 'public channel' : '',
    archived ? 'archived' : '',
    isChannel(conversation)
      ? `created by <bdi>${escapeHtml(context.around.personName(creator))}</bdi> on ${shortDay(createdAt)}`
      : '',
  ];
  return `<div class="title"><h1><bdi>${escapeHtml(titleOf(conversation))}</bdi></h1>
${[topic, purpose]
  .filter(Boolean)
  .map((text) => `<p dir="auto">${escapeHtml(text)}</p>\n`)
  .join('')}<p class="facts">${facts.filter(Boolean).join(' · ')}</p>
${membersHtml(source, context, conversation)}</div>`;
}

function pinnedHtml(context: MessageContext, pinned: readonly Kept[], here: string): string {
  if (!pinned.length) return '';
  const items = pinned.map(({ message, href }) => {
    // On the page it stands on, an address without the page keeps the reader there.
    const [path = '', anchor = ''] = href.split('#');
    const to = path === here ? `#${anchor}` : `${context.root}${href}`;
    return `<li><div class="what"><a class="name" href="${to}"><bdi>${escapeHtml(message.name)}</bdi></a><p class="line" dir="auto">${excerptOf(message, context)}</p></div><div class="figures">${shortDay(message.at)}</div></li>`;
  });
  return `<section class="group"><h2>Pinned</h2><ul class="rows">${items.join('')}</ul></section>`;
}

/** From one page to the ones beside it. */
function pagesNav({ previous, next }: PageFrame, middle: string, label: string): string {
  if (!previous && !next && !middle) return '';
  const to = (page: MessagePage | undefined, rel: 'prev' | 'next', text: string): string =>
    page ? `<a rel="${rel}" href="${page.file}">${text}</a>` : '';
  return `<nav class="pages" aria-label="${label}"><span>${to(previous, 'prev', '← Older')}</span><span>${middle}</span><span class="next">${to(next, 'next', 'Newer →')}</span></nav>`;
}

interface MessagesPage extends Site {
  readonly page: MessagePage;
  readonly html: string;
  readonly frame: PageFrame;
  readonly head: string;
  readonly pinned: readonly Kept[];
}

/** A page of a conversation's messages, or of a long thread's. */
export function messagesPage(about: MessagesPage): string {
  const { workspace, conversation, context, footer, page, html, frame, head, pinned } = about;
  const name = titleOf(conversation);
  const only = page.file === INDEX_FILE;
  const range = dayRange(page.from, page.to);
  const root = frame.root;
  const backHref = root && `${root.page.file}#m-${root.message.id}`;
  const home: Crumb = { name: workspace, href: `${context.root}${INDEX_FILE}` };
  const crumbs: Crumb[] = only
    ? [home, { name }]
    : [home, { name, href: INDEX_FILE }, { name: root ? `Thread, ${range}` : range }];
  const middle = root
    ? `<a href="${backHref}">To the conversation</a>`
    : only
      ? ''
      : `<a href="${INDEX_FILE}">All pages</a>`;
  const above = only
    ? head + pinnedHtml(context, pinned, hrefOf(`${conversation.path}/${page.file}`))
    : `<div class="title"><h1><bdi>${escapeHtml(name)}</bdi></h1><p>${root ? 'Thread, ' : ''}${escapeHtml(range)}</p></div>`;
  const began = root
    ? root.message.note
      ? noteHtml(context, root.message)
      : messageHtml(context, root.message, { grouped: false, where: 'thread' })
    : '';
  return pageHtml({
    title: `${name}${only ? '' : `, ${range}`} · ${workspace}`,
    root: context.root,
    crumbs,
    skip: { to: '#messages', label: 'Skip to the messages' },
    ...(frame.previous ? { previous: frame.previous.file } : {}),
    ...(frame.next ? { next: frame.next.file } : {}),
    main: `${above}
${pagesNav(frame, middle, 'Pages')}<div id="messages" tabindex="-1">
${began}${html}
</div>
${pagesNav(frame, middle, 'Pages, once more')}`,
    footer,
  });
}

interface ConversationIndex extends Site {
  readonly head: string;
  readonly pages: readonly MessagePage[];
  readonly pinned: readonly Kept[];
}

/** What a conversation of several pages begins with: which there are, the latest first. */
export function conversationIndex({
  workspace,
  conversation,
  context,
  footer,
  head,
  pages,
  pinned,
}: ConversationIndex): string {
  const years = new Map<string, string>();
  for (const page of [...pages].reverse()) {
    const year = yearName(page.to);
    const row = `<li><div class="what"><a class="name" href="${page.file}">${escapeHtml(dayRange(page.from, page.to))}</a></div><div class="figures">${messagesLabel(page.messages)}</div></li>`;
    years.set(year, (years.get(year) ?? '') + row);
  }
  const list = [...years].map(
    ([year, rows]) => `<section class="group"><h2>${year}</h2><ul class="rows">${rows}</ul></section>`,
  );
  const name = titleOf(conversation);
  return pageHtml({
    title: `${name} · ${workspace}`,
    root: context.root,
    crumbs: [{ name: workspace, href: `${context.root}${INDEX_FILE}` }, { name }],
    main: `${head}
${pinnedHtml(context, pinned, '')}
${list.length ? list.join('\n') : '<p class="notice">Nothing was written here.</p>'}`,
    footer,
  });
}
