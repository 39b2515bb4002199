import type { SqlValue } from '@parley/sync/replica';
import { escapeHtml } from '@parley/ui/static';
import { viewNamed } from '../../views/documented-views.ts';
import { writeText } from '../export-files.ts';
import type { ExportSource } from '../export-source.ts';
import { INDEX_FILE } from './conversation-pages.ts';
import { titleOf } from './conversation-views.ts';
import { excerptOf } from './excerpt.ts';
import type { ExportedConversation, Kept } from './exported.ts';
import type { MessageContext } from './message-html.ts';
import { hrefOf, pageHtml } from './page.ts';
import { shortDay } from './times.ts';

interface Yours {
  readonly source: ExportSource;
  readonly context: MessageContext;
  readonly directory: string;
  readonly workspace: string;
  readonly footer: string;
  readonly saved: readonly Kept[];
  readonly conversations: readonly ExportedConversation[];
}

/** What else was done and waits, by its kind; the rest is called by it. */
const DEEDS: Readonly<Record<string, string>> = {
  'msg.create': 'Message',
  'msg.edit': 'Change to a message',
  'msg.delete': 'Deletion of a message',
  'react.add': 'Reaction',
  'react.remove': 'Reaction taken back',
};

const itemHtml = (title: string, text: string, figures: string, more = ''): string =>
  `<li><div class="what">${title}<p class="line" dir="auto">${text}</p>${more}</div><div class="figures">${figures}</div></li>`;

const groupHtml = (title: string, items: readonly string[]): string =>
  items.length ? `<section class="group"><h2>${title}</h2><ul class="rows">${items.join('')}</ul></section>` : '';

/** Writes what is the person's own and nobody else has, and says how much that is. */
export function writeYours({ source, context, directory, workspace, footer, saved, conversations }: Yours): number {
  const places = new Map<string, ExportedConversation>(conversations.map((each) => [each.ch, each]));
  const placeHtml = (ch: SqlValue | undefined): string => {
    const place = places.get(String(ch));
    return place
      ? `<a class="name" href="${hrefOf(`${place.path}/${INDEX_FILE}`)}"><bdi>${escapeHtml(titleOf(place))}</bdi></a>`
      : '<span class="name">A conversation that is not part of this export</span>';
  };
  const day = (time: SqlValue | undefined): string => (typeof time === 'string' ? shortDay(Date.parse(time)) : '');
  const textOf = (value: SqlValue | undefined): string => `<bdi>${escapeHtml(String(value ?? ''))}</bdi>`;

  const savedItems = saved.map(({ message, conversation, href }) =>
    itemHtml(
      `<a class="name" href="${href}"><bdi>${escapeHtml(message.name)}</bdi></a> in <bdi>${escapeHtml(titleOf(conversation))}</bdi>`,
      excerptOf(message, context),
      shortDay(message.at),
    ),
  );
  const drafts = [...source.all(viewNamed('drafts'))].map((row) =>
    itemHtml(placeHtml(row.conversation), textOf(row.text), day(row.changed_at)),
  );
  const unsent = [...source.all(viewNamed('unsent'))].map((row) => {
    const what = DEEDS[String(row.what)] ?? String(row.what);
    const state = row.state === 'failed' ? `Refused. ${String(row.detail ?? '')}` : 'Not confirmed yet';
    const title = `${row.conversation === null ? '' : `${placeHtml(row.conversation)} `}<span class="tag">${escapeHtml(what)}</span>`;
    return itemHtml(title, textOf(row.text), day(row.written_at), `<p class="quiet">${escapeHtml(state)}</p>`);
  });
  const groups = [groupHtml('Saved for later', savedItems), groupHtml('Drafts', drafts), groupHtml('Not sent', unsent)];
  const page = pageHtml({
    title: `Saved, drafts and unsent · ${workspace}`,
    root: '',
    crumbs: [{ name: workspace, href: INDEX_FILE }, { name: 'Saved, drafts and unsent' }],
    main: `<div class="title"><h1>Saved, drafts and unsent</h1></div>\n${groups.filter(Boolean).join('\n') || '<p class="notice">There is nothing here.</p>'}`,
    footer,
  });
  writeText(directory, 'yours.html', page);
  return saved.length + drafts.length + unsent.length;
}
