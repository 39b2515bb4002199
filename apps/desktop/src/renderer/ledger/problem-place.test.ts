import type { ConversationView } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { placeOf } from './problem-place.ts';

const ID = '01800000-0000-7000-8000-000000000001';
const general = { id: ID, kind: 'public', name: 'general' } as ConversationView;
const withBob = { id: ID, kind: 'dm', name: 'Bob' } as ConversationView;

describe('the place of a problem', () => {
  it('is a conversation by its name', () => {
    expect(placeOf(`c:${ID}`, [general])).toBe('#general');
    expect(placeOf(`m:${ID}`, [general])).toBe('#general, its members');
    expect(placeOf(`c:${ID}`, [withBob])).toBe('Bob');
  });

  it('is a conversation by its id where it has no name here', () => {
    expect(placeOf(`c:${ID}`, [])).toBe(`A conversation (${ID})`);
  });

  it('is what else a stream holds, or the copy itself', () => {
    expect(placeOf('d', [general])).toBe('People');
    expect(placeOf(`u:${ID}`, [general])).toBe('What is yours alone');
    expect(placeOf('', [general])).toBe('The copy on this computer');
    expect(placeOf('new', [general])).toBe('new');
  });
});
