import { DEFAULT_SETTINGS, type Fact, type UserRow } from '../../model/mod.ts';
import type { WritableView } from '../view.ts';
import { patchRow, putRow } from './touch.ts';

export function applyUserAdd(view: WritableView, fact: Fact<'user.add'>): void {
  const { user, name, handle, email, role, bot, tz, claimed } = fact.b;
  putRow(view, 'user', user, {
    id: user,
    name,
    handle,
    email,
    role,
    bot: bot ? 1 : 0,
    active: 1,
    claimed: claimed ? 1 : 0,
    title: '',
    pronouns: '',
    phone: '',
    tz: tz ?? '',
    avatar: '',
    status_emoji: '',
    status_text: '',
    status_until: 0,
    at: fact.at,
    ver: fact.q,
  });
}

export function applyUserClaim(view: WritableView, fact: Fact<'user.claim'>): void {
  const { user, name, email, role } = fact.b;
  patchRow(view, 'user', user, fact.q, (): Partial<UserRow> => ({ name, email, role, claimed: 1, active: 1 }));
}

export function applyUserSet(view: WritableView, fact: Fact<'user.set'>): void {
  const { user, ...fields } = fact.b;
  patchRow(view, 'user', user, fact.q, () => fields);
}

export function applyUserStatus(view: WritableView, fact: Fact<'user.status'>): void {
  const { emoji, text, until } = fact.b;
  patchRow(view, 'user', fact.a, fact.q, () => ({ status_emoji: emoji, status_text: text, status_until: until }));
}

export function applyUserRole(view: WritableView, fact: Fact<'user.role'>): void {
  patchRow(view, 'user', fact.b.user, fact.q, () => ({ role: fact.b.role }));
}

export function applyUserActive(view: WritableView, fact: Fact<'user.active'>): void {
  patchRow(view, 'user', fact.b.user, fact.q, (): Partial<UserRow> => ({ active: fact.b.active ? 1 : 0 }));
}

export function applyWsSet(view: WritableView, fact: Fact<'ws.set'>): void {
  const held = view.get('workspace', 'workspace');
  const settings = held ? JSON.parse(held.settings) : DEFAULT_SETTINGS;
  putRow(view, 'workspace', 'workspace', {
    id: 'workspace',
    name: fact.b.name ?? held?.name ?? '',
    settings: JSON.stringify({ ...settings, ...fact.b.settings }),
    ver: fact.q,
  });
}

export function applyEmojiAdd(view: WritableView, fact: Fact<'emoji.add'>): void {
  const { name, image } = fact.b;
  putRow(view, 'emoji', name, { name, image, by: fact.a, at: fact.at, gone: 0, ver: fact.q });
}

export function applyEmojiRemove(view: WritableView, fact: Fact<'emoji.remove'>): void {
  const { name } = fact.b;
  putRow(view, 'emoji', name, { name, image: '', by: fact.a, at: fact.at, gone: 1, ver: fact.q });
}
