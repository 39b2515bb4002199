import { type ChannelId, directChannelId, type MessageId, type UserId } from '@parley/sync/model';
import { ReplicaHome, WS } from './replica-home.ts';

const id = <T extends string>(kind: number, n: number): T =>
  `0195c3a0-0000-7000-8${String(kind).padStart(3, '0')}-${String(n).padStart(12, '0')}` as T;
export const user = (n: number): UserId => id<UserId>(1, n);
/** The eighth and ninth are direct conversations, which are called by who is in them. */
export const channel = (n: number): ChannelId =>
  n === 8 || n === 9 ? directChannelId(WS, [user(1), user(n - 5)]) : id<ChannelId>(2, n);
export const message = (n: number): MessageId => id<MessageId>(3, n);

export const ME = user(1);
export const SCRIPT = `<script>alert(1)</script> "quoted" 'single' <img src=x onerror=alert(1)>`;
export const DOTS = '../../etc';
const REVERSED = 'evil \u202etxt.exe\u202c';
export const FAMILY = '👨‍👩‍👧‍👦';
export const LONG = 'long '.repeat(8_000);
/** One red dot. */
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const DAY = 24 * 60 * 60_000;
const BEGIN = Date.UTC(2026, 0, 10, 9, 0);

/** When the nth message was sent: two of them a day. */
export const sentAt = (n: number): number => BEGIN + n * (DAY / 2);

/** A replica in which everything that could be misread is somewhere. */
export async function nastyReplica(): Promise<ReplicaHome> {
  const home = await ReplicaHome.make(ME);
  home.exec(`INSERT INTO meta (key, value) VALUES ('cursor', 'cursor-canary'), ('device_n', '7')`);
  home.put('workspace', { id: 'workspace', name: 'Acme', settings: '{}' });
  const people = ['Ada', `Bob ${SCRIPT}`.slice(0, 60), DOTS, REVERSED, `${FAMILY} Family`, 'Zero \u0000 byte'];
  for (const [at, name] of people.entries())
    home.put('user', {
      id: user(at + 1),
      name,
      handle: `p${at + 1}`,
      email: `p${at + 1}@acme.test`,
      role: at === 0 ? 'owner' : 'member',
      active: 1,
      avatar: at === 0 ? PICTURE : at === 1 ? 'data:image/svg+xml;base64,PHN2Zy8+' : '',
      at: BEGIN,
    });
  home.put('emoji', { name: 'parrot', image: PICTURE, by: ME, at: BEGIN });
  home.put('emoji', { name: 'con', image: PICTURE, by: ME, at: BEGIN });

  const channels: readonly [name: string, kind: 'public' | 'private' | 'dm' | 'group', more?: object][] = [
    ['general', 'public', { topic: SCRIPT, purpose: REVERSED }],
    ['same', 'public'],
    ['same', 'private'],
    ['ß', 'public'],
    ['ss', 'public'],
    ['con', 'public', { archived: 1 }],
    ['日本語', 'public'],
    ['', 'dm'],
    ['', 'dm'],
    ['gone', 'public', { deleted: 1 }],
  ];
  for (const [at, [name, kind, more]] of channels.entries()) {
    const ch = channel(at + 1);
    home.put('channel', { ch, kind, name, creator: user(at === 6 ? 99 : 1), at: BEGIN, ...more });
    const members = kind === 'dm' ? [ME, user(at === 7 ? 3 : 4)] : [ME, user(2), user(3)];
    for (const member of members) home.put('member', { ch, user: member, role: 'member', active: 1, at: BEGIN });
    home.put('joined', { user: ME, ch, active: 1, at: BEGIN });
  }
  home.put('directory', { ch: channel(50), name: 'elsewhere', topic: 'not held here' });

  const heads = new Map<ChannelId, number>();
  const say = (n: number, ch: ChannelId, author: UserId, text: string, more: object = {}): MessageId => {
    const q = (heads.get(ch) ?? 0) + 1;
    heads.set(ch, q);
    home.put('message', {
      id: message(n),
      ch,
      q,
      ord: q,
      author,
      kind: 'post',
      at: sentAt(n),
      t: sentAt(n) - 5,
      text,
      ver: q,
      ...more,
    });
    return message(n);
  };
  const general = channel(1);
  say(1, general, user(2), SCRIPT);
  say(2, general, user(3), `Hello <@${ME}> and <@${user(2)}> in <#${channel(2)}>, <@${user(77)}>, \`<@${ME}>\``);
  say(3, general, user(4), `${REVERSED} שלום עולם`, {
    edited_at: sentAt(4),
    history: JSON.stringify([{ text: `was ${SCRIPT} <@${ME}>`, at: sentAt(3), q: 3 }]),
  });
  say(4, general, user(5), `${FAMILY} 🏳️‍🌈 👍🏽 :parrot: :con: :nope:`);
  say(5, general, user(6), 'zero \u0000 and escape \u001b[31m and bell \u0007');
  say(6, general, user(1), LONG, { pinned_by: ME, pinned_at: sentAt(6) });
  const root = say(7, general, user(2), 'The **root** of a thread, harbour', {
    replies: 3,
    replies_gone: 1,
    last_reply_at: sentAt(10),
    reactions: JSON.stringify([
      ['👍', [ME, user(2), user(88)]],
      [':parrot:', [user(3)]],
      [SCRIPT.slice(0, 40), [user(4)]],
    ]),
    files: JSON.stringify([
      { id: 'f1', name: `${DOTS}/passwd"><script>`, mime: 'text/plain', size: 1234, url: 'javascript:alert(1)' },
      { id: 'f2', name: 'fine.png', mime: 'image/png', size: 10, url: 'https://files.example/fine.png?a="b"' },
    ]),
  });
  say(8, general, user(3), 'a reply, harbour', { thread: root, tord: 1 });
  say(9, general, user(4), '', { thread: root, tord: 2, deleted: 1 });
  say(10, general, user(1), 'a reply also in the channel', { thread: root, tord: 3, also: 1 });
  say(11, general, user(99), 'by somebody who is not known');
  say(12, general, user(2), '', { deleted: 1 });
  say(13, general, user(2), '', { kind: 'note', extra: JSON.stringify({ note: 'topic', about: SCRIPT }) });
  say(14, general, user(2), '', { kind: 'note', extra: JSON.stringify({ note: 'join' }) });
  say(15, general, user(2), 'deployed', {
    kind: 'bot',
    extra: JSON.stringify({ bot: { name: '<b>CI</b>' }, ts: '1700000000.000100' }),
  });
  say(16, general, user(2), 'waves', { kind: 'me' });
  say(17, general, user(3), 'a reply to what is not here', { thread: message(900), tord: 1 });
  say(
    18,
    general,
    user(3),
    '<!channel> ```\n</code></pre><script>x</script>\n```\n> quote\n\n- [x](javascript:alert(1)) [y](https://ok.example/"onmouseover="x)',
  );
  say(20, channel(2), user(2), 'in the public one of two with a name');
  say(21, channel(3), user(2), 'in the private one of two with a name');
  say(22, channel(4), user(2), 'sharp s');
  say(23, channel(5), user(2), 'double s');
  say(24, channel(6), user(2), 'in an archive');
  say(25, channel(7), user(2), '日本語で');
  say(26, channel(8), user(3), 'hello from the dots');
  say(27, channel(9), user(4), 'hello from the reversed one');
  say(28, channel(10), user(4), 'deleted-channel-canary');
  home.exec(`UPDATE channel SET msgs = (SELECT ifnull(max(ord), 0) FROM message m WHERE m.ch = channel.ch),
    last_at = (SELECT ifnull(max(at), 0) FROM message m WHERE m.ch = channel.ch)`);

  home.put('read', { user: ME, ch: general, ord: 10, asof: 12 });
  home.put('posted', { ch: general, user: ME, ord: 10 });
  home.put('saved', { user: ME, msg: root, ch: general, active: 1, at: sentAt(8) });
  home.put('saved', { user: ME, msg: message(901), ch: general, active: 1, at: sentAt(8) });
  home.put('saved', { user: ME, msg: message(1), ch: general, active: 0, at: sentAt(8) });
  home.put('draft', { user: ME, ch: general, root: '', text: 'an old draft', at: sentAt(8) });
  home.put('draft', { user: ME, ch: channel(2), root: '', text: `a draft ${SCRIPT}`, at: sentAt(8) });
  home.put('draft', { user: ME, ch: channel(3), root: '', text: '', at: sentAt(8) });
  home.put('chan_pref', { user: ME, ch: general, star: 1, notify: 'mentions' });
  home.put('pref', { user: ME, key: 'sections', value: '["work"]' });
  home.put('pref', { user: ME, key: 'gone', value: null });
  home.wait({
    i: id(4, 1),
    s: `u:${ME}`,
    k: 'draft.set',
    v: 1,
    t: sentAt(9),
    b: { ch: general, text: 'a newer draft' },
  });
  home.wait({
    i: id(4, 2),
    s: `c:${general}`,
    k: 'msg.create',
    v: 1,
    t: sentAt(30),
    b: { text: `unsent-canary <@${user(2)}>` },
  });
  home.wait(
    { i: id(4, 3), s: `c:${channel(2)}`, k: 'msg.edit', v: 1, t: sentAt(31), b: { msg: message(20), text: 'refused' } },
    { is: 'failed', code: 'forbidden', detail: `Only the author may ${SCRIPT}` },
  );
  home.wait({ i: id(4, 4), s: `u:${ME}`, k: 'read.set', v: 1, t: sentAt(31), b: { ch: general, ord: 11, asof: 11 } });
  home.release();
  return home;
}
