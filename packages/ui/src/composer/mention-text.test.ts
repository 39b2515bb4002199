import { describe, expect, it } from 'vitest';
import { showAs, toShown, toStored } from './mention-text.ts';

const ADA = '0195c3a0-0000-7000-8000-00000000000a';
const ADA_TWO = '0195c3a0-0000-7000-8000-00000000000b';
const OPS = '0195c3a0-0000-7000-8000-00000000000c';
const names = { users: { [ADA]: 'Ada', [ADA_TWO]: 'Ada' }, channels: { [OPS]: 'ops' } };

describe('mentions in a composer', () => {
  it('are shown by name and stored by id', () => {
    const stored = `<@${ADA}> see <#${OPS}>, <!here>`;
    const { text, shown } = toShown(stored, names);
    expect(text).toBe('@Ada see #ops, @here');
    expect(toStored(text, shown)).toBe(stored);
  });

  it('keep two people of one name apart', () => {
    const stored = `<@${ADA}> and <@${ADA_TWO}>`;
    const { text, shown } = toShown(stored, names);
    expect(text).toBe('@Ada and @Ada (2)');
    expect(toStored(text, shown)).toBe(stored);
    expect(showAs(shown, '@Ada', `<@${ADA}>`)).toBe('@Ada');
  });

  it('stand at whole words only', () => {
    const { shown } = toShown(`<@${ADA}>`, names);
    expect(toStored('@Adam me@Ada @Ada.', shown)).toBe(`@Adam me@Ada <@${ADA}>.`);
    expect(toStored('@channels @channel', new Map())).toBe('@channels <!channel>');
  });

  it('are nothing in code', () => {
    const { shown } = toShown(`<@${ADA}>`, names);
    const text = '`@Ada` and\n```\n@channel\n```';
    expect(toStored(text, shown)).toBe(text);
  });

  it('are not made by typing out a token', () => {
    expect(toStored('<!channel>', new Map())).toBe('\\<!channel>');
    expect(toShown('\\<!channel>', names).text).toBe('<!channel>');
  });

  it('keep a token whose name is not known', () => {
    const unknown = '<@0195c3a0-0000-7000-8000-0000000000ff>';
    const { text, shown } = toShown(unknown, names);
    expect(toStored(text, shown)).toBe(unknown);
  });
});
