import type { Fact, UserId } from '../../model/mod.ts';
import type { WritableView } from '../view.ts';
import { own, putRow } from './touch.ts';

const userOf = (fact: Fact): UserId => fact.s.slice(2) as UserId;

export function applyReadSet(view: WritableView, fact: Fact<'read.set'>): void {
  const { ch, ord, asof, back } = fact.b;
  const held = view.get('read', own(fact, ch));
  putRow(view, 'read', own(fact, ch), {
    user: userOf(fact),
    ch,
    ord: back ? ord : Math.max(ord, held?.ord ?? 0),
    asof: back ? asof : Math.max(asof, held?.asof ?? 0),
    ver: fact.q,
  });
}

export function applyReadThread(view: WritableView, fact: Fact<'read.thread'>): void {
  const { ch, root, tord } = fact.b;
  const held = view.get('thread_read', own(fact, root));
  putRow(view, 'thread_read', own(fact, root), {
    user: userOf(fact),
    root,
    ch,
    tord: Math.max(tord, held?.tord ?? 0),
    ver: fact.q,
  });
}

export function applyDraft(view: WritableView, fact: Fact<'draft.set'>): void {
  const { ch, root, text } = fact.b;
  putRow(view, 'draft', own(fact, ch, root ?? ''), {
    user: userOf(fact),
    ch,
    root: root ?? '',
    text,
    at: fact.at,
    ver: fact.q,
  });
}

export function applySaved(view: WritableView, fact: Fact<'saved.set'>): void {
  const { ch, msg, on } = fact.b;
  putRow(view, 'saved', own(fact, msg), { user: userOf(fact), msg, ch, active: on ? 1 : 0, at: fact.at, ver: fact.q });
}

export function applyFollow(view: WritableView, fact: Fact<'thread.follow'>): void {
  const { ch, root, on } = fact.b;
  putRow(view, 'follow', own(fact, root), { user: userOf(fact), root, ch, active: on ? 1 : 0, ver: fact.q });
}

export function applyPref(view: WritableView, fact: Fact<'pref.set'>): void {
  const { key, value } = fact.b;
  putRow(view, 'pref', own(fact, key), { user: userOf(fact), key, value, ver: fact.q });
}

export function applyChanPref(view: WritableView, fact: Fact<'chan.pref'>): void {
  const { ch, star, mute, hidden, notify } = fact.b;
  const held = view.get('chan_pref', own(fact, ch));
  const flag = (set: boolean | undefined, was: 0 | 1 | undefined) => (set === undefined ? (was ?? 0) : set ? 1 : 0);
  putRow(view, 'chan_pref', own(fact, ch), {
    user: userOf(fact),
    ch,
    star: flag(star, held?.star),
    mute: flag(mute, held?.mute),
    hidden: flag(hidden, held?.hidden),
    notify: notify ?? held?.notify ?? 'default',
    ver: fact.q,
  });
}
