import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mrkdwnToMarkdown } from './mrkdwn.ts';
import { parseBlocks } from './mrkdwn-blocks.ts';
import type { Block, Inline, Resolve } from './mrkdwn-tree.ts';
import { commonmarkText } from './testing/commonmark-text.ts';

const resolve: Resolve = {
  user: (id) => (id === 'U1' ? 'u1' : null),
  channel: (id) => (id === 'C1' ? 'c1' : null),
};
const convert = (text: string): string => mrkdwnToMarkdown(text, resolve);

function inlineText(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.type) {
        case 'text':
        case 'code':
          return node.text;
        case 'mention':
          return node.token;
        case 'link':
          return node.label ?? node.url;
        default:
          return inlineText(node.children);
      }
    })
    .join('');
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return block.lines.map(inlineText).join('\n');
    case 'list':
      return block.items.map((item) => inlineText(item.content)).join('\n');
    case 'code':
      return block.text;
    case 'quote':
      return block.blocks.map(blockText).join('\n');
  }
}

function slackText(text: string): string {
  return parseBlocks(text, resolve).map(blockText).join('\n');
}

/** Blank lines part blocks and are not text; an empty quote has none. */
function words(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
}

describe('Slack formatting becomes Markdown', () => {
  test.each([
    ['*bold* _italic_ ~strike~', '**bold** _italic_ ~~strike~~'],
    ['*_both_* _*both*_', '**_both_** _**both**_'],
    ['(*a*), "_b_" -*c*-', '(**a**), "_b_" -**c**-'],
    ['*two words*: _x_.', '**two words**: _x_.'],
    ['`a*b_c`', '`a*b_c`'],
    ['`C:\\` `&lt;b&gt;` ` x `', '`C:\\` `<b>` `  x  `'],
    ['`a``b`', '`ab`'],
    ['`<http://x.y|x.y> <@U1>`', '`x.y @U1`'],
    ['`&amp;amp;`', '`&amp;`'],
    ['foo ```a\n  b *c*``` bar', 'foo\n```\na\n  b *c*\n```\nbar'],
    ['&gt; a\n&gt; b\nc', '> a\n> b\n\nc'],
    ['> a\n\n> b', '> a\n\n> b'],
    ['&gt;&gt;&gt; a\nb\n\n```c```\nd', '> a\n> b\n> ```\n> c\n> ```\n> d'],
    ['&gt; ```a\n&gt; b```', '> ```\n> a\n> b\n> ```'],
    ['• one\n    ◦ two\n        ▪︎ three\n• four\nafter', '- one\n  - two\n    - three\n- four\n\nafter'],
    ['◦ deep first', '- deep first'],
    ['•not an item', '•not an item'],
    ['a\nb', 'a\nb'],
    ['a\n\n\nb', 'a\n\nb'],
    ['a\r\nb', 'a\nb'],
  ])('%j → %j', (slack, markdown) => expect(convert(slack)).toBe(markdown));
});

describe('mentions become id tokens, or names where we know no id', () => {
  test.each([
    ['<@U1> <@U1|ann> <@U2|bob> <@U2>', '<@u1> <@u1> @bob @U2'],
    ['<#C1|general> <#C1> <#C2|random> <#C2|> <#C2>', '<#c1> <#c1> #random #C2 #C2'],
    ['<!here> <!here|@here> <!channel> <!everyone>', '<!here> <!here> <!channel> <!channel>'],
    ['<!subteam^S1|@ops> <!subteam^S1|ops> <!subteam^S1>', '@ops @ops @group'],
    ['<!date^1392734382^{date}^http://x.y|Feb 18> <!date^1>', 'Feb 18 \\<!date^1>'],
    ['*<@U1>* hi', '**<@u1>** hi'],
    ['&lt;@U1&gt; &lt;!here&gt;', '\\<@U1> \\<!here>'],
    ['<@U2|__init__>', '@\\_\\_init\\_\\_'],
  ])('%j → %j', (slack, markdown) => expect(convert(slack)).toBe(markdown));
});

describe('links keep their addresses free of escapes', () => {
  test.each([
    ['<http://x.y/a?b=1&amp;c=2>', 'http://x.y/a?b=1&c=2'],
    ['<http://x.y|label>', '[label](http://x.y)'],
    ['<http://x.y|http://x.y>', 'http://x.y'],
    ['<http://x.y/a_b*c|l[ab]el *x* *y*>', '[l\\[ab\\]el \\*x\\* \\*y\\*](http://x.y/a_b*c)'],
    ['<http://x.y/Foo_(bar)|foo>', '[foo](<http://x.y/Foo_(bar)>)'],
    ['<http://x.y/web_buttons#Ban> snake_case', 'http://x.y/web_buttons#Ban snake_case'],
    ['<http://x.y/_a_> _b', '<http://x.y/_a_> \\_b'],
    ['_see http://x.y/_z_', '_see <http://x.y/_z>_'],
    ['http://x.y/a_b_c*d*e.', '<http://x.y/a_b_c*d*e>.'],
    ['(see http://x.y/a_(b))', '(see <http://x.y/a_(b)>)'],
    ['http://x.y/~user', 'http://x.y/~user'],
    ['10<http://x.y>11', '10<http://x.y>11'],
    ['wow!<http://x.y|z>', 'wow\\![z](http://x.y)'],
    ['<mailto:a.b@c.d|a.b@c.d> <mailto:a@c.d|Ann>', '<a.b@c.d> [Ann](mailto:a@c.d)'],
    ['<javascript:alert(1)|x> <data://x|y>', '\\<javascript:alert(1)|x> \\<data://x|y>'],
    ['&lt;<http://x.y/z&gt;.>', '\\<<http://x.y/z>>.'],
    ['<irc://irc.x.y/ubuntu>', 'irc://irc.x.y/ubuntu'],
  ])('%j → %j', (slack, markdown) => expect(convert(slack)).toBe(markdown));
});

describe('what people typed reads as they typed it', () => {
  test.each([
    ['__init__ snake_case a*b*c', '\\_\\_init\\_\\_ snake_case a\\*b\\*c'],
    ['2 * 3 * 4 and _ _', '2 * 3 * 4 and _ _'],
    ['lone * a*b', 'lone * a\\*b'],
    ['just one a*b', 'just one a*b'],
    ['rm */*_thumb.jpg', 'rm \\*/\\*_thumb.jpg'],
    ['*over\nlines*', '\\*over\nlines\\*'],
    ['#ubuntu is fine', '#ubuntu is fine'],
    ['# heading', '\\# heading'],
    ['- item\n+ item\n* item', '\\- item\n\\+ item\n\\* item'],
    ['1. one\n2) two\n1.5', '1\\. one\n2\\) two\n1.5'],
    ['a\n---\nb\n===\n***\n_ _ _\n~~~', 'a\n\\---\nb\n\\===\n\\*\\*\\*\n\\_ _ _\n\\~\\~\\~'],
    [' &gt; indented is no quote', '\\> indented is no quote'],
    ['&gt; &gt; once only', '> \\> once only'],
    ['<90%> <3 <tag> </tag> &lt;nick&gt;', '<90%> <3 \\<tag> \\</tag> \\<nick>'],
    ['<std::vector> <T: Foo>', '\\<std::vector> \\<T: Foo>'],
    ['C:\\dir \\*x\\*', 'C:\\dir \\\\\\*x\\\\\\*'],
    ['ends with \\\nnext', 'ends with \\\\\nnext'],
    ['\t\t    code()', 'code()'],
    ['trailing  \nspaces', 'trailing\nspaces'],
    ['[[page]] [a](b) [x]: y', '[[page]] [a\\](b) [x\\]: y'],
    ['&amp;nbsp; &nbsp; AT&amp;T a && b', '\\&nbsp; \\&nbsp; AT&T a && b'],
    ["don`t and 'x", "don`t and 'x"],
    ['`a`b c`d`', '\\`a\\`b c\\`d\\`'],
    ['```unclosed', '\\`\\`\\`unclosed'],
    [':white_check_mark: :+1:', ':white_check_mark: :+1:'],
    ['a\0b', 'a\ufffdb'],
  ])('%j → %j', (slack, markdown) => {
    expect(convert(slack)).toBe(markdown);
    expect(words(commonmarkText(markdown))).toBe(words(slackText(slack)));
  });
});

const marks = [
  '*',
  '_',
  '~',
  '`',
  '```',
  '**',
  '__',
  '~~',
  '\\',
  '[',
  ']',
  '(',
  ')',
  '!',
  '#',
  '- ',
  '+ ',
  '1. ',
  '=',
  '---',
];
const slackPieces = [
  '&lt;',
  '&gt;',
  '&amp;',
  '<',
  '>',
  '<@U1>',
  '<@U9|x_y>',
  '<#C1|g>',
  '<!here>',
  '<http://a.b/c_d*>',
  '<http://a.b|l*>',
];
const plainPieces = [
  'a',
  'b1',
  ' ',
  '  ',
  '\t',
  '\n',
  '\n\n',
  '.',
  ':',
  '"',
  '•',
  '• ',
  '◦ ',
  'é',
  '😀',
  'http://e.f/g_h',
  '&lt;b&gt;',
  '&amp;copy;',
];
const message = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((parts) => parts.join(''));

describe('for any text', () => {
  test('the Markdown reads as Slack shows the message', () => {
    fc.assert(
      fc.property(message([...marks, ...slackPieces, ...plainPieces]), (text) => {
        expect(words(commonmarkText(convert(text)))).toBe(words(slackText(text)));
      }),
      { numRuns: 20_000 },
    );
  });

  test('characters Slack does not format come back as they went in', () => {
    const literal = [
      '**',
      '__',
      '~~',
      '\\',
      '[',
      ']',
      '(',
      ')',
      '!',
      '#',
      '-',
      '+',
      '1.',
      '=',
      '<',
      '>',
      '&',
      'b',
      ' ',
      '\n',
      ';',
      'x:y',
      '@',
      '/',
    ];
    fc.assert(
      fc.property(message(literal), (text) => {
        // Behind an `a`, no line is a quote.
        const typed = text
          .replace(/(^|\n)(?=>)/g, '$1a')
          .replace(/[ ]+$/gm, '')
          .replace(/^[ ]+/gm, '')
          .replace(/(^|\n)(?=>)/g, '$1a');
        const slack = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(words(commonmarkText(convert(slack)))).toBe(words(typed));
      }),
      { numRuns: 10_000 },
    );
  });

  test('any string at all is converted', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => typeof convert(text) === 'string'));
  });
});

describe('hostile text takes time in proportion to its length', () => {
  test.each([
    ['asterisks', '*'.repeat(1_000_000)],
    ['openings', '*_~a '.repeat(200_000)],
    ['angle brackets', '<a'.repeat(500_000)],
    ['ticks', '`a b'.repeat(250_000)],
    ['fences', '```a'.repeat(200_000)],
    ['half fences', '``````'.repeat(150_000)],
    ['quote marks', '&gt;'.repeat(250_000)],
    ['blanks', `${'a'.padEnd(1000, ' ')}`.repeat(1000)],
    ['addresses', 'http://'.repeat(140_000)],
    ['closing brackets', `http://a.b/${')'.repeat(1_000_000)}`],
    ['backslashes', '\\'.repeat(1_000_000)],
    ['square brackets', '[](!['.repeat(200_000)],
    ['bullets', '◦ a\n'.repeat(250_000)],
    ['code in angle brackets', `\`${'<'.repeat(1_000_000)}\``],
    ['rules', '- '.repeat(500_000)],
  ])('%s', (_, text) => {
    const start = performance.now();
    convert(text);
    // Linear work takes well under a second; quadratic work on a million characters takes hours.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
