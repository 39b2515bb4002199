import { escapeHtml, formatCount } from '@parley/ui/static';
import type { ExportCounts, ExportSource } from '../export-source.ts';
import { INDEX_FILE } from './conversation-pages.ts';
import { messagesLabel } from './conversation-views.ts';
import type { ExportedConversation } from './exported.ts';
import type { MessageContext } from './message-html.ts';
import { hrefOf, pageHtml } from './page.ts';
import { shortDay } from './times.ts';

interface Index {
  readonly source: ExportSource;
  readonly context: MessageContext;
  readonly workspace: string;
  readonly footer: string;
  readonly conversations: readonly ExportedConversation[];
  readonly counts: ExportCounts;
  /** How much is on the page of what is the person's own. */
  readonly yours: number;
}

interface Group {
  readonly title: string;
  readonly sign: string;
  holds(conversation: ExportedConversation): boolean;
}

const GROUPS: readonly Group[] = [
  { title: 'Channels', sign: '#', holds: ({ kind, archived, joined }) => kind === 'public' && joined && !archived },
  { title: 'Private channels', sign: '#', holds: ({ kind, archived }) => kind === 'private' && !archived },
  { title: 'Direct messages', sign: '@', holds: ({ kind }) => kind === 'dm' || kind === 'group' },
  {
    title: 'Channels you are not in',
    sign: '#',
    holds: ({ kind, archived, joined }) => kind === 'public' && !joined && !archived,
  },
  {
    title: 'Archived channels',
    sign: '#',
    holds: ({ archived, kind }) => archived && (kind === 'public' || kind === 'private'),
  },
];

const rowHtml = ({ name, topic, path, messages }: ExportedConversation, sign: string): string =>
  `<li><span class="sign" aria-hidden="true">${sign}</span><div class="what"><a class="name" href="${hrefOf(`${path}/${INDEX_FILE}`)}"><bdi>${escapeHtml(name)}</bdi></a>${topic ? `<p class="line" dir="auto">${escapeHtml(topic)}</p>` : ''}</div><div class="figures">${messagesLabel(messages)}</div></li>`;

/** What only a part of a replica was exported of, or was there, in a sentence each. */
function noticeHtml({ complete, only, since, until }: ExportSource['about'], me: string): string {
  const said = [
    complete ? '' : 'Not everything had reached this machine when the export was made.',
    only ? `Only these conversations were exported: ${only.join(', ')}.` : '',
    since ? `Messages since ${since}.` : '',
    until ? `Messages before ${until}.` : '',
  ].filter(Boolean);
  const whose = `What ${me} could read.`;
  return `<p class="facts">${escapeHtml(whose)}</p>${said.length ? `<p class="notice">${escapeHtml(said.join(' '))}</p>` : ''}`;
}

/** Where reading begins. */
export function indexPage({ source, context, workspace, footer, conversations, counts, yours }: Index): string {
  const groups = GROUPS.map(({ title, sign, holds }) => {
    const rows = conversations.filter(holds).map((conversation) => rowHtml(conversation, sign));
    return rows.length
      ? `<section class="group"><h2>${title}</h2><ul class="rows">${rows.join('')}</ul></section>`
      : '';
  });
  const people = `<li><div class="what"><a class="name" href="people.html">People</a></div><div class="figures">${formatCount(counts.people)}</div></li>`;
  const own = `<li><div class="what"><a class="name" href="yours.html">Saved, drafts and unsent</a></div><div class="figures">${formatCount(yours)}</div></li>`;
  const me = context.around.personName(context.around.me);
  return pageHtml({
    title: workspace,
    root: '',
    crumbs: [{ name: workspace }],
    main: `<div class="title"><h1><bdi>${escapeHtml(workspace)}</bdi></h1>
<p>${messagesLabel(counts.messages)} in ${formatCount(counts.conversations)} conversations, ${shortDay(source.at)}</p>
${noticeHtml(source.about, me)}</div>
${groups.filter(Boolean).join('\n')}
<section class="group"><h2>More</h2><ul class="rows">${people}${own}</ul></section>`,
    footer,
  });
}
