import fc from 'fast-check';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Markdown, type MarkdownNames } from './markdown.tsx';
import { escapeHtml, type HtmlNames, markdownHtml } from './markdown-html.ts';

const ADA = '0195c3a0-0000-7000-8000-00000000000a';
const OPS = '0195c3a0-0000-7000-8000-00000000000c';
const GONE = '0195c3a0-0000-7000-8000-0000000000ff';
const PARROT = 'data:image/png;base64,AAAA';
const known: MarkdownNames = { users: { [ADA]: 'Ada "<b>"' }, channels: { [OPS]: "o'ps" }, emoji: { parrot: PARROT } };

const names: HtmlNames = {
  me: ADA,
  user: (id) => known.users[id],
  channel: (id) => (id === OPS ? { name: known.channels[id] ?? '' } : undefined),
  emoji: (name) => (name === 'parrot' ? PARROT : undefined),
};

/** The window's classes are made by its build; what is compared is elements, attributes and text. */
const bare = (html: string): string => html.replace(/ class="[^"]*"/g, '');
const drawn = (text: string): string => bare(renderToStaticMarkup(<Markdown text={text} names={known} me={ADA} />));
const written = (text: string): string => bare(markdownHtml(text, names));

const SAMPLES = [
  '',
  'plain',
  '**a** _b_ ~~c~~ `d` ***e***',
  '> q\n> r\n\n- a\n- b\n  - c\n\n7. x\n8. y',
  '```ts\nlet a = 1 < 2 && "x";\n```',
  'a\nb  \nc\\\nd',
  '# not a heading\n---\n![x](https://evil.example/pixel.png)',
  '<script>alert(1)</script> <img src=x onerror=alert(1)> <b onclick="x()">b</b> &lt; &amp;amp; &#60;',
  'https://example.com/a?b=1&c="2" [x](https://example.com/\'"<>) <https://a.example> a@b.example',
  '[x](javascript:alert(1)) [y](data:text/html,x) [z](//evil.example)',
  `<@${ADA}> <@${GONE}> <#${OPS}> <#${GONE}> <!here> <!channel> \\<@${ADA}> \`<@${ADA}>\` **<@${ADA}>**`,
  'hi :parrot: :nope: :parrot::parrot: 12:30:45',
  '🎉 👍🏽',
  'שלום **עולם** \u202ereversed\u202c',
  '*'.repeat(5_000),
];

describe('a message’s Markdown without a window', () => {
  it.each(SAMPLES)('is what the window draws: %j', (text) => {
    expect(written(text)).toBe(drawn(text));
  });

  it('is what the window draws, whatever is written', () => {
    const parts = [
      '*',
      '_',
      '~',
      '`',
      '\n',
      '> ',
      '- ',
      '1. ',
      '[',
      '](',
      ')',
      '<',
      '>',
      '&',
      '"',
      "'",
      ':parrot:',
      ' ',
    ];
    const text = fc.array(
      fc.oneof(fc.constantFrom(...parts, `<@${ADA}>`, 'www.a.example'), fc.string({ unit: 'grapheme' })),
    );
    fc.assert(
      fc.property(
        text.map((some) => some.join('').replaceAll('\0', '')),
        (some) => {
          expect(written(some)).toBe(drawn(some));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leads a channel’s mention to its page, and sets its tail at the end of the last line', () => {
    const linked = { ...names, channel: () => ({ name: 'ops', href: '../ops/"index".html' }) };
    expect(markdownHtml(`see <#${OPS}>`, linked, '<small>(edited)</small>')).toBe(
      '<div class="markdown"><p dir="auto">see <a class="mention" href="../ops/&quot;index&quot;.html">#<bdi>ops</bdi></a> <small>(edited)</small></p></div>',
    );
    expect(markdownHtml('```\nx\n```', names, '<i></i>')).toMatch(/<\/pre><i><\/i><\/div>$/);
  });

  it('leaves no character that could begin markup', () => {
    expect(escapeHtml(`<a href="x" b='y'>&\0`)).toBe('&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt;&amp;\ufffd');
  });
});
