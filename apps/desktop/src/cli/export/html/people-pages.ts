import type { SqlValue } from '@parley/sync/replica';
import { escapeHtml, formatCount } from '@parley/ui/static';
import { viewNamed } from '../../views/documented-views.ts';
import type { Selection } from '../../views/view.ts';
import { writeText } from '../export-files.ts';
import type { ExportSource } from '../export-source.ts';
import { INDEX_FILE } from './conversation-pages.ts';
import { avatarHtml, type MessageContext } from './message-html.ts';
import { pageHtml } from './page.ts';

/** People on a page. */
const PAGE_PEOPLE = 500;

interface People {
  readonly source: ExportSource;
  readonly context: MessageContext;
  readonly directory: string;
  readonly workspace: string;
  readonly footer: string;
}

const { picture: _, ...columns } = viewNamed('people').columns;
/** Sorted by name, which is done in memory: without their pictures. */
const PEOPLE: Selection = { columns, from: viewNamed('people').from };

const fileOf = (number: number): string => (number === 1 ? 'people.html' : `people-${number}.html`);

function personHtml(context: MessageContext, row: Readonly<Record<string, SqlValue>>): string {
  const text = (name: string): string => escapeHtml(String(row[name] ?? ''));
  const id = String(row.id);
  const role = row.role === 'owner' || row.role === 'admin' || row.role === 'guest' ? String(row.role) : '';
  const tags = [role, row.bot === 1 ? 'app' : '', row.active === 1 ? '' : 'deactivated'].filter(Boolean);
  const lines = [
    `@${text('handle')}`,
    [text('title'), text('pronouns')].filter(Boolean).join(' · '),
    text('email'),
    text('phone'),
    text('time_zone'),
  ].filter(Boolean);
  return `<li>${avatarHtml(context, id, String(row.name))}<div class="what"><p class="name"><bdi>${text('name')}</bdi>${tags.map((tag) => ` <span class="tag">${tag}</span>`).join('')}</p>${lines.map((line) => `<p class="line"><bdi>${line}</bdi></p>`).join('')}</div></li>`;
}

/** Writes everyone's names and what they say about themselves, and says how many they are. */
export async function writePeople({ source, context, directory, workspace, footer }: People): Promise<number> {
  let [count, number] = [0, 1];
  let items: string[] = [];
  const write = (more: boolean): void => {
    const [previous, next] = [number > 1 ? fileOf(number - 1) : undefined, more ? fileOf(number + 1) : undefined];
    const nav =
      previous || next
        ? `<nav class="pages" aria-label="Pages"><span>${previous ? `<a rel="prev" href="${previous}">← Before</a>` : ''}</span><span>Page ${formatCount(number)}</span><span class="next">${next ? `<a rel="next" href="${next}">After →</a>` : ''}</span></nav>`
        : '';
    const page = pageHtml({
      title: `People · ${workspace}`,
      root: '',
      crumbs: [{ name: workspace, href: INDEX_FILE }, { name: 'People' }],
      ...(previous ? { previous } : {}),
      ...(next ? { next } : {}),
      main: `<div class="title"><h1>People</h1></div>\n${nav}<ul class="cards">${items.join('\n')}</ul>${nav}`,
      footer,
    });
    writeText(directory, fileOf(number), page);
    number += 1;
    items = [];
  };
  for (const row of source.rows(PEOPLE, 'ORDER BY u.name, u.id')) {
    if (items.length === PAGE_PEOPLE) write(true);
    items.push(personHtml(context, row));
    count += 1;
    await source.tick();
  }
  write(false);
  return count;
}
