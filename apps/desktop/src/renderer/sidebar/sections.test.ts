import type { ConversationView } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { row } from '../testing/conversation-row.ts';
import { neighbour, sectionsOf, visibleRows } from './sections.ts';

const names = (rows: readonly ConversationView[]) => rows.map((each) => each.name);

describe('the sidebar', () => {
  it('puts starred first, channels by name, people by who wrote last', () => {
    const sections = sectionsOf([
      row('zebra'),
      row('ann', { kind: 'dm', lastAt: 1 }),
      row('alpha'),
      row('bob', { kind: 'dm', lastAt: 2 }),
      row('star', { starred: true }),
    ]);
    expect(sections.map((section) => names(section.rows))).toEqual([['star'], ['alpha', 'zebra'], ['bob', 'ann']]);
  });

  it('leaves archived channels out unless something in them needs the person', () => {
    const sections = sectionsOf([row('old', { archived: true }), row('stuck', { archived: true, failed: 1 })]);
    expect(names(sections[1]?.rows ?? [])).toEqual(['stuck']);
  });

  it('still shows what is unread in a collapsed section, and where one is', () => {
    const sections = sectionsOf([row('a'), row('b', { unread: 2 }), row('c'), row('m', { unread: 9, muted: true })]);
    expect(names(visibleRows(sections, ['channels'], 'c'))).toEqual(['b', 'c']);
  });

  it('walks around its ends', () => {
    const rows = [row('a'), row('b'), row('c')];
    expect(neighbour(rows, 'c', 1, false)?.name).toBe('a');
    expect(neighbour(rows, 'a', -1, false)?.name).toBe('c');
    expect(neighbour(rows, undefined, 1, false)?.name).toBe('a');
    expect(neighbour([row('a')], 'a', 1, false)).toBeNull();
  });

  it('walks to the next unread, past what is muted', () => {
    const rows = [row('a'), row('b', { unread: 1, muted: true }), row('c', { unread: 1 })];
    expect(neighbour(rows, 'a', 1, true)?.name).toBe('c');
    expect(neighbour(rows, 'c', 1, true)).toBeNull();
  });
});
