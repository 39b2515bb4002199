import { describe, expect, it } from 'vitest';
import type { UserId } from '../model/mod.ts';
import { decideNotification, keywordIn, type Notifiable, type NotifyContext } from './notify.ts';

const ME = '0195c3a0-0000-7000-8000-00000000000a' as UserId;
const BEN = '0195c3a0-0000-7000-8000-00000000000b' as UserId;

const message = (text: string, more: Partial<Notifiable> = {}): Notifiable => ({
  author: BEN,
  kind: 'post',
  text,
  inThread: false,
  ...more,
});

type Settings = NotifyContext['settings'];
interface Given extends Partial<Omit<NotifyContext, 'channel' | 'settings'>> {
  readonly channel?: Partial<NotifyContext['channel']>;
  readonly settings?: Partial<Settings>;
}
const context = ({ channel, settings, ...more }: Given = {}): NotifyContext => ({
  me: ME,
  followsThread: false,
  read: false,
  now: 1_000,
  minuteOfDay: 12 * 60,
  ...more,
  channel: { kind: 'public', notify: 'default', muted: false, ...channel },
  settings: { level: 'mentions', keywords: [], pausedUntil: 0, quiet: null, ...settings },
});

describe('whether somebody is told of a message', () => {
  it.each<[string, Notifiable, Given, string]>([
    ['named', message(`ask <@${ME}>`), {}, 'mention'],
    ['with everyone', message('<!channel> lunch'), {}, 'everyone'],
    ['in a direct conversation', message('hello'), { channel: { kind: 'dm' } }, 'direct'],
    ['of their word', message('The Café is open'), { settings: { keywords: ['cafe'] } }, 'keyword'],
    ['in a thread they follow', message('yes', { inThread: true }), { followsThread: true }, 'thread'],
    ['of all, where they want that', message('hi'), { settings: { level: 'all' } }, 'all'],
    ['of all of one channel', message('hi'), { channel: { notify: 'all' } }, 'all'],
  ])('yes: %s', (_, said, given, cause) => {
    expect(decideNotification(said, context(given))).toMatchObject({ notify: true, cause });
  });

  it.each<[string, Notifiable, Given, string]>([
    ['their own words', message(`<@${ME}>`, { author: ME }), {}, 'own'],
    ['a note', message('', { kind: 'note' }), { settings: { level: 'all' } }, 'note'],
    ['what they read elsewhere', message(`<@${ME}>`), { read: true }, 'read'],
    ['what does not concern them', message('hi'), {}, 'not_concerned'],
    ['replies of others', message('yes', { inThread: true }), { settings: { level: 'all' } }, 'not_concerned'],
    ['where they want to hear nothing', message(`<@${ME}>`), { settings: { level: 'nothing' } }, 'nothing'],
    ['a channel they want nothing of', message(`<@${ME}>`), { channel: { notify: 'nothing' } }, 'nothing'],
    ['a muted channel', message(`<@${ME}>`), { channel: { muted: true } }, 'muted'],
    ['while paused', message(`<@${ME}>`), { settings: { pausedUntil: 1_001 } }, 'paused'],
    ['at night', message(`<@${ME}>`), { settings: { quiet: { from: 1_320, to: 420 } }, minuteOfDay: 60 }, 'quiet'],
  ])('no: %s', (_, said, given, bar) => {
    expect(decideNotification(said, context(given))).toMatchObject({ notify: false, bar });
  });

  it('by one channel against the rule for all', () => {
    const given = { settings: { level: 'nothing' }, channel: { notify: 'mentions' } } as const;
    expect(decideNotification(message(`<@${ME}>`), context(given)).notify).toBe(true);
  });

  it('in quiet hours of one day and over midnight, to the minute', () => {
    const at = (from: number, to: number, minuteOfDay: number) =>
      decideNotification(message(`<@${ME}>`), context({ settings: { quiet: { from, to } }, minuteOfDay })).notify;
    expect([at(60, 120, 59), at(60, 120, 60), at(60, 120, 119), at(60, 120, 120)]).toEqual([true, false, false, true]);
    expect([at(1_320, 420, 1_319), at(1_320, 420, 1_320), at(1_320, 420, 419), at(1_320, 420, 420)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

it('finds words that stand by themselves, of several words too', () => {
  expect(keywordIn('Deploying now', ['deploy'])).toBeNull();
  expect(keywordIn('(deploy!)', ['deploy'])).toBe('deploy');
  expect(keywordIn('the release   candidate is out', ['Release candidate'])).toBe('Release candidate');
  expect(keywordIn('anything', ['', '  ', '!'])).toBeNull();
});
