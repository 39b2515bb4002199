import { describe, expect, it } from 'vitest';
import type { WritableView } from '../core/mod.ts';
import { type ChannelId, keyOf, type MemberRow, type UserId, type UserRow } from '../model/mod.ts';

const id = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const CHANNEL = id(1) as ChannelId;

const member = (user: number, patch: Partial<MemberRow> = {}): MemberRow => ({
  ch: CHANNEL,
  user: id(user) as UserId,
  role: 'member',
  active: 1,
  from_q: 0,
  at: 1,
  ver: 1,
  ...patch,
});

const person = (n: number, patch: Partial<UserRow> = {}): UserRow => ({
  id: id(n) as UserId,
  name: 'Zoë 🙂',
  handle: `h${n}`,
  email: null,
  role: 'member',
  bot: 0,
  active: 1,
  claimed: 1,
  title: '',
  pronouns: '',
  phone: '',
  tz: '',
  avatar: '',
  status_emoji: '',
  status_text: '',
  status_until: 0,
  at: 1_800_000_000_000,
  ver: 1,
  ...patch,
});

/** What every view of the state promises, run on each implementation. */
export function stateViewContract(name: string, open: () => WritableView): void {
  describe(`${name} keeps the promises of a state view`, () => {
    it('gives back the row that was put, and nothing for a key that was not', () => {
      const view = open();
      expect(view.get('user', id(1))).toBeUndefined();
      view.put('user', person(1));
      expect(view.get('user', id(1))).toEqual(person(1));
      expect(view.get('user', id(2))).toBeUndefined();
    });

    it('finds a row with a composite key by its parts', () => {
      const view = open();
      view.put('member', member(7));
      expect(view.get('member', keyOf(CHANNEL, id(7)))).toEqual(member(7));
      expect(view.get('member', keyOf(CHANNEL, id(8)))).toBeUndefined();
      view.put('draft', { user: id(7) as UserId, ch: CHANNEL, root: '', text: 'half', at: 1, ver: 1 });
      expect(view.get('draft', keyOf(id(7), CHANNEL, ''))?.text).toBe('half');
    });

    it('replaces a row, also after it was read and after it was found missing', () => {
      const view = open();
      expect(view.get('user', id(1))).toBeUndefined();
      view.put('user', person(1));
      view.put('user', person(1, { name: 'Zoe', email: 'z@example.org', ver: 2 }));
      expect(view.get('user', id(1))).toEqual(person(1, { name: 'Zoe', email: 'z@example.org', ver: 2 }));
      expect(view.find('user', 'by_email', ['z@example.org'])).toHaveLength(1);
    });

    it('looks rows up in key order, within a limit', () => {
      const view = open();
      for (const n of [9, 3, 7, 5]) view.put('member', member(n));
      view.put('member', member(4, { active: 0 }));
      const users = (limit?: number) => view.find('member', 'by_channel', [CHANNEL, 1], limit).map((row) => row.user);
      expect(users()).toEqual([3, 5, 7, 9].map(id));
      expect(users(2)).toEqual([3, 5].map(id));
      expect(view.find('member', 'by_channel', [CHANNEL, 0])).toEqual([member(4, { active: 0 })]);
      expect(view.find('member', 'by_user', [id(9), 1])).toEqual([member(9)]);
    });

    it('a row that changed is found under what it is now and no longer under what it was', () => {
      const view = open();
      view.put('member', member(3));
      expect(view.find('member', 'by_channel', [CHANNEL, 1])).toHaveLength(1);
      view.put('member', member(3, { active: 0, ver: 2 }));
      expect(view.find('member', 'by_channel', [CHANNEL, 1])).toEqual([]);
      expect(view.find('member', 'by_channel', [CHANNEL, 0])).toHaveLength(1);
    });

    it('keeps large numbers and every kind of text exactly', () => {
      const view = open();
      const row = person(1, { at: Number.MAX_SAFE_INTEGER, name: 'a\nb\t\u202eé' });
      view.put('user', row);
      expect(view.get('user', id(1))).toEqual(row);
    });
  });
}
