import { dayKey, escapeHtml, t } from '@parley/ui/static';
import { internal, type Selection } from '../../views/view.ts';
import type { ExportSource } from '../export-source.ts';
import { type ExportedMessage, repliesTo, timelineOf } from './exported.ts';
import { follows, type MessageContext, messageHtml, type Place } from './message-html.ts';
import { dayHeading, monthKey } from './times.ts';

/** Messages on a page, replies among them: some screens to scroll, and quickly opened on a telephone. */
const PAGE_MESSAGES = 500;
/** A page of fewer goes on into the next month. */
const FEW_MESSAGES = 100;
/** Replies shown under their message; a longer thread has pages of its own. */
const INLINE_REPLIES = 100;

/** One page of a conversation or of a long thread. */
export interface MessagePage {
  /** Name of its file within the conversation's directory. */
  readonly file: string;
  /** Times of the first and the last message in it. */
  readonly from: number;
  readonly to: number;
  readonly messages: number;
}

/** Where a page of messages belongs. */
export interface PageFrame {
  readonly previous?: MessagePage;
  readonly next?: MessagePage;
  /** For pages of a thread: what it began with, and the page that is on. */
  readonly root?: { readonly message: ExportedMessage; readonly page: MessagePage };
}

/** What the pages of a conversation are written with. */
export interface PageWriter {
  readonly source: ExportSource;
  readonly context: MessageContext;
  write(page: MessagePage, html: string, frame: PageFrame): void;
  /** Told of every message that can be led to from elsewhere: it is pinned or saved. */
  kept(message: ExportedMessage, page: MessagePage): void;
}

/** A page as it is filled. */
class Sheet {
  readonly page: { readonly file: string; readonly from: number; to: number; messages: number };
  #html: string;
  #before: ExportedMessage | null = null;
  #day = '';

  constructor(file: string, at: number, html = '') {
    this.page = { file, from: at, to: at, messages: 0 };
    this.#html = html;
  }

  /** `beneath`: how many messages stand under this one. */
  add(context: MessageContext, message: ExportedMessage, place: Omit<Place, 'grouped'>, beneath = 0): void {
    const day = dayKey(message.at);
    if (day !== this.#day) {
      this.#html += `${this.#day ? '</section>\n' : ''}<section class="day"><h2><span>${dayHeading(message.at)}</span></h2>\n`;
      this.#before = null;
    }
    this.#day = day;
    this.#html += messageHtml(context, message, {
      ...place,
      grouped: follows(this.#before, message, place.where !== 'conversation'),
    });
    this.#before = message;
    this.page.to = message.at;
    this.page.messages += 1 + beneath;
  }

  get html(): string {
    return this.#day ? `${this.#html}</section>` : this.#html;
  }
}

/** Writes pages one after the other, each when it shows whether there is a next one. */
class PageRow {
  readonly pages: MessagePage[] = [];
  readonly #writer: PageWriter;
  readonly #root: PageFrame['root'];
  #sheet: Sheet | null = null;

  constructor(writer: PageWriter, root?: PageFrame['root']) {
    this.#writer = writer;
    this.#root = root;
  }

  get sheet(): Sheet | null {
    return this.#sheet;
  }

  begin(sheet: Sheet): Sheet {
    this.#write(sheet.page);
    this.#sheet = sheet;
    this.pages.push(sheet.page);
    return sheet;
  }

  end(): void {
    this.#write(undefined);
  }

  #write(next: MessagePage | undefined): void {
    const sheet = this.#sheet;
    if (!sheet) return;
    const previous = this.pages.at(-2);
    const root = this.#root;
    const frame = { ...(previous ? { previous } : {}), ...(next ? { next } : {}), ...(root ? { root } : {}) };
    this.#writer.write(sheet.page, sheet.html, frame);
    this.#sheet = null;
  }
}

/** Names for a conversation's files, by the month they begin with. */
class MonthFiles {
  readonly #used = new Map<string, number>();

  take(month: string): string {
    const number = (this.#used.get(month) ?? 0) + 1;
    this.#used.set(month, number);
    return number === 1 ? `${month}.html` : `${month}-${number}.html`;
  }
}

const repliesLabel = (root: ExportedMessage): string => escapeHtml(t('thread.replies', { count: root.replies }));

/** The replies to a message, under it; or, where they are many, a line that leads to their pages. */
async function underOf(
  writer: PageWriter,
  root: ExportedMessage,
  page: MessagePage,
): Promise<{ readonly under: string; readonly shown: number }> {
  if (root.replies > INLINE_REPLIES) return { under: await writeThread(writer, root, page), shown: 0 };
  const { source, context } = writer;
  let html = '';
  let shown = 0;
  let before: ExportedMessage | null = null;
  for (const reply of repliesTo(source, root.id)) {
    html += messageHtml(context, reply, {
      grouped: follows(before, reply, true),
      where: 'under',
      dated: dayKey(reply.at) !== dayKey(root.at),
    });
    before = reply;
    shown += 1;
    if (reply.pinned || reply.saved) writer.kept(reply, page);
    await source.tick();
  }
  const label = repliesLabel(root);
  const under = html
    ? `<section class="thread" aria-label="${label}"><p class="replies">${label}</p>\n${html}</section>`
    : '';
  return { under, shown };
}

async function writeThread(writer: PageWriter, root: ExportedMessage, page: MessagePage): Promise<string> {
  const { source, context } = writer;
  const row = new PageRow(writer, { message: root, page });
  const base = `thread-${root.id}`;
  for (const reply of repliesTo(source, root.id)) {
    let sheet = row.sheet;
    if (!sheet || sheet.page.messages >= PAGE_MESSAGES) {
      const number = row.pages.length + 1;
      sheet = row.begin(new Sheet(number === 1 ? `${base}.html` : `${base}-${number}.html`, reply.at));
    }
    sheet.add(context, reply, { where: 'thread' });
    if (reply.pinned || reply.saved) writer.kept(reply, sheet.page);
    await source.tick();
  }
  row.end();
  return `<p class="replies"><a href="${base}.html">${repliesLabel(root)}</a></p>`;
}

const THREADS: Selection = { columns: { thread: internal('m.thread') }, from: 'FROM $message m' };
const COUNT: Selection = { columns: { n: internal('count(*)') }, from: 'FROM $message m' };

/** Replies that also stand in the conversation lead to what they reply to; these have to be remembered. */
function rootsLedTo(source: ExportSource, ch: string): ReadonlySet<string> {
  const rows = source.rows(THREADS, 'WHERE m.ch = ? AND m.also = 1 AND m.thread IS NOT NULL', ch);
  return new Set([...rows].map(({ thread }) => String(thread)));
}

/** How many messages of a conversation are exported. */
export function messageCount(source: ExportSource, ch: string): number {
  for (const { n } of source.rows(COUNT, 'WHERE m.ch = ?', ch)) return Number(n);
  return 0;
}

/** Whether a page that holds this much ends before a message of another month, or of the same. */
const isFull = (messages: number, sameMonth: boolean): boolean =>
  messages >= (sameMonth ? PAGE_MESSAGES : FEW_MESSAGES);

/** What a conversation's page is called that is its only one, or that says which others there are. */
export const INDEX_FILE = 'index.html';

/** Writes the pages of a conversation of `count` messages, oldest first, and says which they are. */
export async function writeConversation(
  writer: PageWriter,
  ch: string,
  count: number,
): Promise<readonly MessagePage[]> {
  const { source, context } = writer;
  const row = new PageRow(writer);
  const files = new MonthFiles();
  const ledTo = rootsLedTo(source, ch);
  const rootAt = new Map<string, MessagePage>();
  const single = count <= PAGE_MESSAGES;
  let month = '';
  for (const message of timelineOf(source, ch)) {
    const key = monthKey(message.at);
    let sheet = row.sheet;
    if (!sheet || (!single && isFull(sheet.page.messages, key === month)))
      sheet = row.begin(new Sheet(single ? INDEX_FILE : files.take(key), message.at));
    month = key;
    const { page } = sheet;
    if (message.pinned || message.saved) writer.kept(message, page);
    if (ledTo.has(message.id)) rootAt.set(message.id, page);
    const { under, shown } = message.replies > 0 ? await underOf(writer, message, page) : { under: '', shown: 0 };
    const rootPage = message.thread && message.rooted ? rootAt.get(message.thread) : undefined;
    const href = rootPage && `${rootPage === page ? '' : rootPage.file}#m-${message.thread}`;
    sheet.add(context, message, { where: 'conversation', under, ...(href ? { threadHref: href } : {}) }, shown);
    await source.tick();
  }
  row.end();
  return row.pages;
}
