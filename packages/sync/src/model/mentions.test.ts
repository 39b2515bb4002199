import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelId, UserId } from './ids.ts';
import { channelMention, parseMentions, renderMentions, userMention } from './mentions.ts';

const USER = '01800000-0000-7000-8000-0000000000a1' as UserId;
const CHANNEL = '01800000-0000-7000-8000-0000000000c1' as ChannelId;

describe('mentions', () => {
  it('names the people, channels and everyone a text addresses', () => {
    const { users, channels, all } = parseMentions(`hi ${userMention(USER)}, see ${channelMention(CHANNEL)} <!here>`);
    expect([...users]).toEqual([USER]);
    expect([...channels]).toEqual([CHANNEL]);
    expect(all).toBe('here');
  });

  it('lets @channel outweigh @here, in whichever order they stand', () => {
    expect(parseMentions('<!here> <!channel>').all).toBe('channel');
    expect(parseMentions('<!channel> <!here>').all).toBe('channel');
  });

  it.each([
    ['a backslash before it', `\\<@${USER}>`],
    ['an id in capitals', `<@${USER.toUpperCase()}>`],
    ['an id cut short', `<@${USER.slice(1)}>`],
    ['no closing bracket', `<@${USER}`],
    ['another word', '<!everyone>'],
    ['a name instead of an id', '<@ada>'],
  ])('sees none in text with %s', (_, text) => {
    expect(parseMentions(text)).toEqual({ users: new Set(), channels: new Set(), all: null });
  });

  it('addresses nobody named in code, and everybody named around it', () => {
    expect(parseMentions(`\`<@${USER}>\``).users.size).toBe(0);
    expect(parseMentions('```\n<!channel>\n```').all).toBeNull();
    expect(parseMentions(`\`\`a \` <@${USER}>\`\` and <!here>`)).toMatchObject({ users: new Set(), all: 'here' });
    // A run that nothing closes is no code.
    expect(parseMentions(`\`\`\` <@${USER}>`).users.size).toBe(1);
    expect(parseMentions(`\`a\` <@${USER}> \`b\``).users.size).toBe(1);
  });

  it('counts someone mentioned twice once', () => {
    expect(parseMentions(`<@${USER}><@${USER}>`).users.size).toBe(1);
  });

  it('renders names where tokens stand and leaves everything else alone', () => {
    const name = { user: () => 'Ada', channel: () => 'general' };
    expect(renderMentions(`<@${USER}> in <#${CHANNEL}> <!channel> \\<@${USER}>`, name)).toBe(
      `@Ada in #general @channel \\<@${USER}>`,
    );
  });

  it('takes any text without throwing, and renders exactly the tokens it parses', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<', '\\', '<@', `<@${USER}>`, '<!here>', `<#${CHANNEL}>`),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        let users = 0;
        let channels = 0;
        const rendered = renderMentions(text, {
          user: () => {
            users += 1;
            return '';
          },
          channel: () => {
            channels += 1;
            return '';
          },
        });
        const found = parseMentions(text);
        expect(users > 0).toBe(found.users.size > 0);
        expect(channels > 0).toBe(found.channels.size > 0);
        if (!found.users.size && !found.channels.size && !found.all) expect(rendered).toBe(text);
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
