import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptSuggestion, lookupAt } from './autocomplete.ts';

const at = (marked: string) => {
  const caret = marked.indexOf('|');
  return lookupAt(marked.replace('|', ''), caret);
};

describe('what is looked up at the caret', () => {
  it('is a name after @, a channel after #, an emoji after :', () => {
    expect(at('hi @gr|')).toEqual({ trigger: '@', match: 'gr', from: 3 });
    expect(at('#|')).toEqual({ trigger: '#', match: '', from: 0 });
    expect(at('so :par|')).toEqual({ trigger: ':', match: 'par', from: 3 });
  });

  it('may run over the words of a name', () => {
    expect(at('ask @Grace Ho|')).toEqual({ trigger: '@', match: 'Grace Ho', from: 4 });
    expect(at('ask @Grace about the plan|')).toBeNull();
  });

  it('begins where a word begins, never inside an address or a time', () => {
    expect(at('me@example|')).toBeNull();
    expect(at('https://a.example/#sec|')).toBeNull();
    expect(at('12:30|')).toBeNull();
    expect(at('(@gr|')).toMatchObject({ match: 'gr' });
  });

  it('is not opened by a smiley', () => {
    expect(at(':)|')).toBeNull();
    expect(at(':D|')).toBeNull();
  });

  it('is nothing in code or after an escape', () => {
    expect(at('`@gr|`')).toBeNull();
    expect(at('```\n@gr|')).toBeNull();
    expect(at('\\@gr|')).toBeNull();
  });

  it('ends with the line', () => {
    expect(at('@gr\nmore|')).toBeNull();
  });
});

describe('accepting a suggestion', () => {
  it('adds a space for the next word unless one stands there', () => {
    expect(acceptSuggestion('@gr', 3, { trigger: '@', match: 'gr', from: 0 }, '@Grace')).toMatchObject({
      text: '@Grace ',
      caret: 7,
    });
    expect(acceptSuggestion('@gr later', 3, { trigger: '@', match: 'gr', from: 0 }, '@Grace')).toMatchObject({
      text: '@Grace later',
      caret: 6,
    });
  });

  it('never touches the text after the caret', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ unit: fc.constantFrom('a', 'b', 'é') }),
        fc.string(),
        (before, match, after) => {
          const text = `${before} @${match}${after}`;
          const caret = before.length + 2 + match.length;
          const done = acceptSuggestion(text, caret, { trigger: '@', match, from: before.length + 1 }, '@Grace Hopper');
          expect(done.text.slice(done.caret)).toBe(after);
          expect(done.text.slice(0, done.caret)).toBe(`${before} ${done.inserted}`);
        },
      ),
    );
  });
});
