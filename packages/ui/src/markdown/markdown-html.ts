import type { RootContent } from 'mdast';
import { t } from '../strings.ts';
import { isOnlyEmoji, splitShortcodes } from './emoji.ts';
import type { Mention } from './mention-syntax.ts';
import { parseMarkdown } from './parse.ts';
import { safeLink } from './safe-link.ts';

/** What the ids in a text are called, and where their pages and pictures are. Undefined for what is not known. */
export interface HtmlNames {
  readonly user: (id: string) => string | undefined;
  readonly channel: (id: string) => { readonly name: string; readonly href?: string } | undefined;
  /** Address of a custom emoji's picture; its name comes without colons. */
  readonly emoji: (name: string) => string | undefined;
  /** Whose copy it is: their own mention stands out. */
  readonly me?: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  // HTML has no place for these: a parser would drop them or take the page for broken.
  '\0': '\ufffd',
};

/** Text for an element or a quoted attribute: nothing in it is markup afterwards. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"'\0]/g, (char) => ESCAPES[char] ?? char);

function mentionHtml({ of, value }: Mention, names: HtmlNames): string {
  switch (of) {
    case 'all':
      return `<span class="mention mine">@${value}</span>`;
    case 'user': {
      const mine = value === names.me ? ' mine' : '';
      const name = names.user(value) ?? t('mention.unknownPerson');
      return `<span class="mention${mine}">@<bdi>${escapeHtml(name)}</bdi></span>`;
    }
    case 'channel': {
      const channel = names.channel(value);
      const name = `#<bdi>${escapeHtml(channel?.name ?? t('mention.unknownChannel'))}</bdi>`;
      return channel?.href === undefined
        ? `<span class="mention">${name}</span>`
        : `<a class="mention" href="${escapeHtml(channel.href)}">${name}</a>`;
    }
  }
}

const textHtml = (text: string, names: HtmlNames): string =>
  splitShortcodes(text, names.emoji)
    .map((piece) =>
      typeof piece === 'string'
        ? escapeHtml(piece)
        : `<img class="emoji" src="${escapeHtml(piece.image)}" alt=":${piece.name}:" title=":${piece.name}:"/>`,
    )
    .join('');

const all = (nodes: readonly RootContent[], names: HtmlNames): string =>
  nodes.map((node) => nodeHtml(node, names)).join('');

function nodeHtml(node: RootContent, names: HtmlNames): string {
  switch (node.type) {
    case 'text':
      return textHtml(node.value, names);
    case 'paragraph':
      return `<p dir="auto">${all(node.children, names)}</p>`;
    case 'strong':
      return `<strong>${all(node.children, names)}</strong>`;
    case 'emphasis':
      return `<em>${all(node.children, names)}</em>`;
    case 'delete':
      return `<del>${all(node.children, names)}</del>`;
    case 'inlineCode':
      return `<code dir="ltr">${escapeHtml(node.value)}</code>`;
    case 'code':
      return `<pre dir="ltr"><code>${escapeHtml(node.value)}</code></pre>`;
    case 'break':
      return '<br/>';
    case 'blockquote':
      return `<blockquote dir="auto">${all(node.children, names)}</blockquote>`;
    case 'list':
      return node.ordered
        ? `<ol dir="auto" start="${node.start ?? 1}">${all(node.children, names)}</ol>`
        : `<ul dir="auto">${all(node.children, names)}</ul>`;
    case 'listItem':
      return `<li>${all(node.children, names)}</li>`;
    case 'link': {
      const href = safeLink(node.url);
      if (href === null) return all(node.children, names);
      const address = escapeHtml(href);
      return `<a href="${address}" title="${address}" target="_blank" rel="noopener noreferrer">${all(node.children, names)}</a>`;
    }
    case 'mention':
      return mentionHtml(node, names);
    default:
      // Constructs the parser was told to leave out; should one come through, its words are shown and nothing more.
      return 'value' in node ? escapeHtml(node.value) : 'children' in node ? all(node.children, names) : '';
  }
}

/**
 * A message's text as HTML for a page without scripts: what `Markdown` draws, from the same tree, with class names that
 * stay. Everything a person wrote is escaped; `tail` is markup of the caller's, set at the end of the last line.
 */
export function markdownHtml(text: string, names: HtmlNames, tail = ''): string {
  const { children } = parseMarkdown(text);
  const last = children.at(-1);
  const inTail = tail && last?.type === 'paragraph' ? last : null;
  const body = all(inTail ? children.slice(0, -1) : children, names);
  const end = inTail ? `<p dir="auto">${all(inTail.children, names)} ${tail}</p>` : tail;
  return `<div class="markdown${isOnlyEmoji(text) ? ' large' : ''}">${body}${end}</div>`;
}
