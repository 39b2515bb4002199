import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';
import { mentionFromMarkdown, mentionSyntax } from './mention-syntax.ts';

/**
 * What chat leaves out of CommonMark: raw HTML (never), headings and rules (a line that begins with `#` or dashes is
 * just that line), images (nothing is fetched from a stranger because of a message), indented code and definitions
 * (surprises to people who type, not write documents).
 */
const LEFT_OUT = [
  'htmlFlow',
  'htmlText',
  'headingAtx',
  'setextUnderline',
  'thematicBreak',
  'labelStartImage',
  'codeIndented',
  'definition',
];

const SYNTAX = {
  extensions: [gfmStrikethrough(), gfmAutolinkLiteral(), mentionSyntax, { disable: { null: LEFT_OUT } }],
  mdastExtensions: [gfmStrikethroughFromMarkdown(), gfmAutolinkLiteralFromMarkdown(), mentionFromMarkdown],
};

/** Text with none of these can only be one plain paragraph: most of what people write, and it skips the parser. */
const MAYBE_MARKUP = /[\\`*_~<>&[\]@:\n\r\t+-]|www\.|^\s*\d{1,9}[.)]/i;

/** Delimiters whose pairing costs the parser more than linear time, and quotes that nest once per character. */
const DELIMITERS = /[*_~[\]`<>]/g;
/** Far more than a person writes in 40,000 characters; beyond it the text is shown as it is. */
const MOST_DELIMITERS = 3_000;
/** Nesting is drawn by recursion; a line of a thousand `>` is no quotation. */
const TANGLED = /(?:^|\n)[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*){24}|[*_~]{64}|\[{32}/;

const plain = (text: string): Root => ({
  type: 'root',
  children: text === '' ? [] : [{ type: 'paragraph', children: [{ type: 'text', value: text }] }],
});

function parse(text: string): Root {
  if (!MAYBE_MARKUP.test(text)) return plain(text.trim());
  if (TANGLED.test(text) || (text.match(DELIMITERS)?.length ?? 0) > MOST_DELIMITERS) return plain(text);
  return fromMarkdown(text, SYNTAX);
}

/** A screenful in every open pane, with room to scroll back and forth without parsing twice. */
const KEPT = 1_000;
const parsed = new Map<string, Root>();

/** The tree of a message's Markdown. Trees are shared between calls: they are read, never changed. */
export function parseMarkdown(text: string): Root {
  const known = parsed.get(text);
  if (known) return known;
  const root = parse(text);
  if (parsed.size >= KEPT) {
    const oldest = parsed.keys().next();
    if (!oldest.done) parsed.delete(oldest.value);
  }
  parsed.set(text, root);
  return root;
}
