import { plainCode } from './mrkdwn-control.ts';
import { parseInline } from './mrkdwn-inline.ts';
import type { Block, Resolve } from './mrkdwn-tree.ts';

const FENCE = '```';
const QUOTE = /^(?:&gt;|>) ?/;
const QUOTE_REST = /^(?:&gt;|>){3} ?/;
/** The bullets Slack's composer writes, by depth. */
const BULLETS = ['•', '◦', '▪', '▫'];

type Segment = { type: 'text'; text: string } | { type: 'code'; text: string };

/** A fence may open and close anywhere in Slack, mid-line too. Unclosed or empty ones are characters. */
function splitFences(text: string): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  let at = text.indexOf(FENCE);
  while (at >= 0) {
    const close = text.indexOf(FENCE, at + FENCE.length);
    if (close < 0) break;
    const inside = text.slice(at + FENCE.length, close);
    if (inside.trim() === '') {
      at = close;
      continue;
    }
    segments.push({ type: 'text', text: text.slice(start, at) }, { type: 'code', text: inside });
    start = close + FENCE.length;
    at = text.indexOf(FENCE, start);
  }
  segments.push({ type: 'text', text: text.slice(start) });
  return segments;
}

/** Indentation would be a code block and a trailing pair of spaces a hard break; Markdown keeps neither as text. */
function strip(line: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && (line[from] === ' ' || line[from] === '\t')) from += 1;
  while (to > from && (line[to - 1] === ' ' || line[to - 1] === '\t')) to -= 1;
  return line.slice(from, to);
}

class Builder {
  readonly blocks: Block[] = [];
  readonly #resolve: Resolve;
  #broken = true;

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  line(raw: string): void {
    const line = strip(raw);
    const last = this.blocks.at(-1);
    if (line === '') {
      this.#broken = true;
      return;
    }
    const depth = BULLETS.indexOf(line.charAt(0));
    const item = depth < 0 ? '' : strip(line.slice(1).replace(/^\ufe0e/, ''));
    const spaced = depth >= 0 && /^.\ufe0e?[ \t]/.test(line);
    if (spaced && item !== '') {
      const list = last?.type === 'list' && !this.#broken ? last : this.#push({ type: 'list', items: [] });
      // A deeper item needs a parent one level up, or Markdown reads its indentation otherwise.
      const level = Math.min(depth, (list.items.at(-1)?.level ?? -1) + 1);
      list.items.push({ level, content: parseInline(item, this.#resolve) });
    } else {
      const paragraph =
        last?.type === 'paragraph' && !this.#broken ? last : this.#push({ type: 'paragraph', lines: [] });
      paragraph.lines.push(parseInline(line, this.#resolve));
    }
    this.#broken = false;
  }

  code(raw: string): void {
    const text = plainCode(raw).replace(/^\n/, '').replace(/\n$/, '');
    this.#push({ type: 'code', text });
  }

  quote(fill: (inner: Builder) => void, open: Builder | null): Builder {
    if (open) {
      fill(open);
      return open;
    }
    const inner = new Builder(this.#resolve);
    this.#push({ type: 'quote', blocks: inner.blocks });
    fill(inner);
    return inner;
  }

  #push<B extends Block>(block: B): B {
    this.blocks.push(block);
    this.#broken = false;
    return block;
  }
}

export function parseBlocks(text: string, resolve: Resolve): Block[] {
  const sound = text.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
  const outer = new Builder(resolve);
  let quote: Builder | null = null;
  let quoteRest = false;
  for (const segment of splitFences(sound)) {
    if (segment.type === 'code') {
      if (quote) quote.code(segment.text.replace(/\n(?:&gt;|>) ?/g, '\n'));
      else outer.code(segment.text);
      if (!quoteRest) quote = null;
      continue;
    }
    for (const row of segment.text.split('\n')) {
      if (!quoteRest && QUOTE_REST.test(row)) {
        quoteRest = true;
        quote = outer.quote((inner) => inner.line(row.replace(QUOTE_REST, '')), quote);
      } else if (quoteRest || QUOTE.test(row)) {
        const line = quoteRest ? row : row.replace(QUOTE, '');
        quote = outer.quote((inner) => inner.line(line), quote);
      } else {
        quote = null;
        outer.line(row);
      }
    }
  }
  return outer.blocks;
}
