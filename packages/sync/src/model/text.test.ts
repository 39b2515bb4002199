import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CHANNEL_NAME, MAX_TEXT } from './limits.ts';
import { channelNameOf, channelNameProblem, labelProblem, textProblem } from './text.ts';

describe('text of messages', () => {
  it('may be as long as the limit and not one unit longer', () => {
    expect(textProblem('x'.repeat(MAX_TEXT), MAX_TEXT)).toBeNull();
    expect(textProblem('x'.repeat(MAX_TEXT + 1), MAX_TEXT)).toMatch(/at most/);
  });

  it('counts UTF-16 units, as the schema of the wire does', () => {
    expect(textProblem('👍'.repeat(2), 4)).toBeNull();
    expect(textProblem('👍'.repeat(2), 3)).not.toBeNull();
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\udc4da'],
  ])('is refused with %s rather than repaired', (_, text) => {
    expect(textProblem(text, MAX_TEXT)).not.toBeNull();
  });

  it('may hold any whole character, controls of direction included', () => {
    expect(textProblem('שלום \u202eabc\u202c 👩‍👩‍👧', MAX_TEXT)).toBeNull();
  });
});

describe('names of channels', () => {
  it.each(['general', 'a', 'team-42', 'büro', '日本語', 'x_y', '🎉', 'नमस्ते'])('may be %s', (name) => {
    expect(channelNameProblem(name, MAX_CHANNEL_NAME)).toBeNull();
  });

  it.each([
    '',
    'Two',
    'two words',
    'dot.ted',
    'a'.repeat(81),
    'a\u202eb',
    'e\u0301',
    'a\ud800',
    '#x',
    'a/b',
    'a\u200b\u200f',
  ])('may not be %j', (name) => {
    expect(channelNameProblem(name, MAX_CHANNEL_NAME)).not.toBeNull();
  });

  it('are made of anything at all, and are valid whenever something is left', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const name = channelNameOf(text, MAX_CHANNEL_NAME);
        if (name !== '') expect(channelNameProblem(name, MAX_CHANNEL_NAME)).toBeNull();
      }),
      { seed: 1, numRuns: 400 },
    );
  });
});

describe('labels', () => {
  it('refuse what cannot be seen and what is too long', () => {
    expect(labelProblem('A name', 'Ada Lovelace', 80)).toBeNull();
    expect(labelProblem('A name', 'עדה', 80)).toBeNull();
    expect(labelProblem('A name', 'A\u202eda', 80)).toMatch(/cannot be seen/);
    expect(labelProblem('A name', 'line\nbreak', 80)).toMatch(/cannot be seen/);
    expect(labelProblem('A name', 'x'.repeat(81), 80)).toMatch(/at most 80/);
  });
});
