import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { isOnlyEmoji, splitEmoji } from './emoji.ts';
import { Markdown, type MarkdownNames } from './markdown.tsx';
import { parseMarkdown } from './parse.ts';
import { safeLink } from './safe-link.ts';

const ADA = '0195c3a0-0000-7000-8000-00000000000a';
const OPS = '0195c3a0-0000-7000-8000-00000000000c';
const PARROT = 'data:image/png;base64,AAAA';
const names: MarkdownNames = { users: { [ADA]: 'Ada <b>' }, channels: { [OPS]: 'ops' }, emoji: { parrot: PARROT } };

/** Class names are made by the build; what matters is the elements. */
function html(text: string, me?: string): string {
  const drawn = renderToStaticMarkup(<Markdown text={text} names={names} {...(me ? { me } : {})} />);
  return drawn.replace(/ class="[^"]*"/g, '').replace(/^<div>|<\/div>$/g, '');
}

describe('what a message’s Markdown becomes', () => {
  it('draws bold, italic, strikethrough and code', () => {
    expect(html('**a** _b_ ~~c~~ `d`')).toBe(
      '<p dir="auto"><strong>a</strong> <em>b</em> <del>c</del> <code dir="ltr">d</code></p>',
    );
  });

  it('draws quotes, lists and fences', () => {
    expect(html('> q')).toBe('<blockquote dir="auto"><p dir="auto">q</p></blockquote>');
    expect(html('- a\n- b')).toBe('<ul dir="auto"><li><p dir="auto">a</p></li><li><p dir="auto">b</p></li></ul>');
    expect(html('3. c')).toBe('<ol dir="auto" start="3"><li><p dir="auto">c</p></li></ol>');
    expect(html('```ts\nlet a = 1 < 2;\n```')).toBe('<pre dir="ltr"><code>let a = 1 &lt; 2;</code></pre>');
  });

  it('keeps the line breaks people type', () => {
    expect(html('a\nb')).toBe('<p dir="auto">a\nb</p>');
  });

  it('shows what looks like a heading, a rule or an image as the line it is', () => {
    expect(html('# not a heading')).toBe('<p dir="auto"># not a heading</p>');
    expect(html('a\n---')).toBe('<p dir="auto">a\n---</p>');
    expect(html('![x](https://evil.example/pixel.png)')).not.toContain('<img');
  });

  it('shows HTML as text and never as elements', () => {
    expect(html('<script>alert(1)</script>')).toBe('<p dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;</p>');
    expect(html('<img src=x onerror=alert(1)>')).not.toContain('<img');
    expect(html('a <b onclick="x()">b</b>')).toBe('<p dir="auto">a &lt;b onclick=&quot;x()&quot;&gt;b&lt;/b&gt;</p>');
  });

  it('links addresses, and only those that can do nothing', () => {
    expect(html('https://example.com/a?b=1')).toContain('<a href="https://example.com/a?b=1"');
    expect(html('[x](https://example.com)')).toContain('target="_blank" rel="noopener noreferrer"');
    for (const url of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
      '/relative',
    ])
      expect(html(`[x](${url})`)).toBe('<p dir="auto">x</p>');
  });

  it('draws mentions as chips with the names of now', () => {
    expect(html(`<@${ADA}>`)).toBe('<p dir="auto"><span>@<bdi>Ada &lt;b&gt;</bdi></span></p>');
    expect(html(`<#${OPS}>`)).toBe('<p dir="auto"><span>#<bdi>ops</bdi></span></p>');
    expect(html('<!here> and <!channel>')).toBe('<p dir="auto"><span>@here</span> and <span>@channel</span></p>');
    expect(html('<@0195c3a0-0000-7000-8000-0000000000ff>')).toContain('someone');
  });

  it('leaves a mention alone that is escaped, broken or code', () => {
    expect(html(`\\<@${ADA}>`)).toBe(`<p dir="auto">&lt;@${ADA}&gt;</p>`);
    expect(html(`\`<@${ADA}>\``)).toBe(`<p dir="auto"><code dir="ltr">&lt;@${ADA}&gt;</code></p>`);
    expect(html('<@nobody>')).toBe('<p dir="auto">&lt;@nobody&gt;</p>');
    expect(html('<!everyone>')).toBe('<p dir="auto">&lt;!everyone&gt;</p>');
  });

  it('draws mentions inside other marks', () => {
    expect(html(`**<@${ADA}>**`)).toContain('<strong><span>@');
  });

  it('draws the workspace’s own emoji and leaves unknown names as text', () => {
    expect(html('hi :parrot: :nope:')).toBe(
      `<p dir="auto">hi <img src="${PARROT}" alt=":parrot:" title=":parrot:"/> :nope:</p>`,
    );
  });

  it('shows text that is too tangled to be meant as it stands, in no time', () => {
    for (const text of [
      '>'.repeat(20_000),
      '*'.repeat(40_000),
      '['.repeat(40_000),
      '- '.repeat(20_000),
      '*a_'.repeat(13_000),
      '`a'.repeat(20_000),
    ]) {
      const began = performance.now();
      expect(html(text).length).toBeGreaterThan(100);
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });

  it('gives the same tree for the same text, so that a list can be drawn again cheaply', () => {
    expect(parseMarkdown('some *text*')).toBe(parseMarkdown('some *text*'));
  });
});

describe('links', () => {
  it('are http, https or mailto', () => {
    expect(safeLink('https://a.example/ä')).toBe('https://a.example/%C3%A4');
    expect(safeLink('mailto:a@b.example')).toBe('mailto:a@b.example');
    expect(safeLink('javascript:alert(1)')).toBeNull();
    expect(safeLink('no address')).toBeNull();
  });
});

describe('emoji', () => {
  it('splits text at known names only', () => {
    expect(splitEmoji('a :parrot: b', { parrot: PARROT })).toEqual(['a ', { name: 'parrot', image: PARROT }, ' b']);
    expect(splitEmoji('12:30:45', {})).toEqual(['12:30:45']);
    expect(splitEmoji(':constructor:', {})).toEqual([':constructor:']);
    expect(splitEmoji(':x:', { x: 'https://evil.example/x.png' })).toEqual([':x:']);
  });

  it('knows a message that is nothing but a few of them', () => {
    expect(isOnlyEmoji('🎉 👨‍👩‍👧‍👦 👍🏽')).toBe(true);
    expect(isOnlyEmoji('🎉 yes')).toBe(false);
    expect(isOnlyEmoji('123')).toBe(false);
    expect(isOnlyEmoji('🎉'.repeat(13))).toBe(false);
  });
});
