import { escapeText } from './markdown-escape.ts';
import type { Block, Emphasis, Inline } from './mrkdwn-tree.ts';

type Pairable = ReadonlySet<string>;

const marks: Record<Emphasis, string> = { bold: '**', italic: '_', strike: '~~' };

function longestTickRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

function codeSpan(text: string): string {
  const ticks = '`'.repeat(text.includes('`') ? longestTickRun(text) + 1 : 1);
  // CommonMark drops one space from both ends of a span, and a tick at an end would join the fence.
  const padded = /^`|`$/.test(text) || (/^ .* $/s.test(text) && text.trim() !== '');
  return padded ? `${ticks} ${text} ${ticks}` : ticks + text + ticks;
}

function encodeUrl(url: string): string {
  return url.replace(/[\p{Cc} <>]/gu, (char) => encodeURIComponent(char));
}

const ENTITY = /&(?:#|[A-Za-z])[A-Za-z0-9]*;/;

/** May this address stand in running text as it is? Otherwise angle brackets keep it whole, without escapes inside. */
function isPlainUrl(url: string, before: string, after: string, pairable: Pairable): boolean {
  if (!/^[\s(]?$/.test(before) || !/^[\s.,;:!?)]?$/.test(after)) return false;
  if (/[\s\p{Cc}<>\\`[\]]/u.test(url) || ENTITY.test(url + after) || !/[\p{L}\p{N}/=#-]$/u.test(url)) return false;
  if ((url.includes('*') && pairable.has('*')) || (url.includes('~') && pairable.has('~'))) return false;
  return !pairable.has('_') || !/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u.test(url);
}

const EMAIL = /^[A-Za-z0-9.+_-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

function printLink(url: string, label: string | null, before: string, after: string, pairable: Pairable): string {
  if (label === null && isPlainUrl(url, before, after, pairable)) return url;
  // Markdown readers disagree whether `&copy;` in angle brackets is a character, so such an address is spelled out.
  if (label === null && !ENTITY.test(url)) return `<${encodeUrl(url)}>`;
  if (label !== null && url === `mailto:${label}` && EMAIL.test(label) && !label.includes('..')) return `<${label}>`;
  const shown = escapeText(label ?? url, {
    lineStart: false,
    lineEnd: false,
    beforeLink: false,
    inLabel: true,
    pairable,
  });
  const encoded = encodeUrl(url);
  const target = /[()\\&]/.test(encoded)
    ? `<${encoded.replaceAll('\\', '%5C').replace(new RegExp(ENTITY, 'g'), '\\$&')}>`
    : encoded;
  return `[${shown}](${target})`;
}

/** The character a neighbour shows to an address; anything but text keeps it in brackets. */
function neighbour(node: Inline | undefined, side: 'first' | 'last', outside: string): string {
  if (!node) return outside;
  if (node.type !== 'text') return '<';
  return side === 'first' ? node.text.charAt(0) : node.text.slice(-1);
}

function printInline(nodes: readonly Inline[], pairable: Pairable, outside: string): string {
  const isLine = outside === '';
  let out = '';
  for (const [at, node] of nodes.entries()) {
    switch (node.type) {
      case 'text':
        out += escapeText(node.text, {
          lineStart: isLine && at === 0,
          lineEnd: isLine && at === nodes.length - 1,
          beforeLink: nodes[at + 1]?.type === 'link',
          inLabel: false,
          pairable,
        });
        break;
      case 'code':
        out += codeSpan(node.text);
        break;
      case 'link': {
        const before = neighbour(nodes[at - 1], 'last', outside);
        const after = neighbour(nodes[at + 1], 'first', outside);
        out += printLink(node.url, node.label, before, after, pairable);
        break;
      }
      case 'mention':
        out += node.token;
        break;
      default:
        out += marks[node.type] + printInline(node.children, pairable, '<') + marks[node.type];
    }
  }
  return out;
}

function printBlock(block: Block, pairable: Pairable): string {
  switch (block.type) {
    case 'paragraph':
      return block.lines.map((line) => printInline(line, pairable, '')).join('\n');
    case 'list':
      return block.items
        .map(({ level, content }) => `${'  '.repeat(level)}- ${printInline(content, pairable, '')}`)
        .join('\n');
    case 'code': {
      const fence = '`'.repeat(Math.max(3, longestTickRun(block.text) + 1));
      return `${fence}\n${block.text}\n${fence}`;
    }
    case 'quote':
      return printBlocks(block.blocks, pairable)
        .split('\n')
        .map((line) => (line === '' ? '>' : `> ${line}`))
        .join('\n');
  }
}

/** Fences stand by themselves; everything else needs a blank line, or the next line would be read as its continuation. */
function printBlocks(blocks: readonly Block[], pairable: Pairable): string {
  let out = '';
  let last: Block['type'] | null = null;
  for (const block of blocks) {
    if (last !== null) out += last === 'code' || block.type === 'code' ? '\n' : '\n\n';
    out += printBlock(block, pairable);
    last = block.type;
  }
  return out;
}

/** Which marks occur at least twice in the source, and so could pair up. */
function pairableMarks(source: string): Pairable {
  return new Set(['*', '_', '~', '`'].filter((mark) => source.indexOf(mark) !== source.lastIndexOf(mark)));
}

export function printMarkdown(blocks: readonly Block[], source: string): string {
  return printBlocks(blocks, pairableMarks(source));
}
