import { DOCUMENTED_VIEWS } from './documented-views.ts';
import type { DocumentedView } from './view.ts';

/** A view and its columns as the page about them has it, in Markdown. */
export function viewMarkdown({ name, about, columns }: DocumentedView): string {
  const rows = Object.entries(columns).map(([column, { type, about: what, refers }]) => {
    const where = refers ? ` In \`${refers}\`.` : '';
    return `| \`${column}\` | ${type} | ${what}${where} |`;
  });
  return [`### ${name}`, '', about, '', '| column | | |', '|---|---|---|', ...rows].join('\n');
}

/** All of them, in their order. */
export const viewsMarkdown = (): string => DOCUMENTED_VIEWS.map(viewMarkdown).join('\n\n');
