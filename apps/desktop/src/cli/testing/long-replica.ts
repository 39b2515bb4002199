import type { ChannelId, MessageId, UserId } from '@parley/sync/model';
import { ReplicaHome } from './replica-home.ts';

const ME = '0195c3a0-0000-7000-8001-000000000001' as UserId;
const LONG_CHANNEL = '0195c3a0-0000-7000-8002-000000000001' as ChannelId;
export const idOf = (n: number): MessageId => `0195c3a0-0000-7000-8003-${String(n).padStart(12, '0')}` as MessageId;

const HOUR = 60 * 60_000;
/** The message a long thread hangs on. */
export const THREAD_ROOT = idOf(10);

/** One conversation of `messages`, two an hour, with a thread of `replies`: more than fits on a page. */
export async function longReplica(messages: number, replies: number): Promise<ReplicaHome> {
  const home = await ReplicaHome.make(ME);
  home.put('user', { id: ME, name: 'Ada', handle: 'ada', role: 'owner', active: 1 });
  home.put('channel', { ch: LONG_CHANNEL, kind: 'public', name: 'long', creator: ME, at: 1 });
  home.put('joined', { user: ME, ch: LONG_CHANNEL, active: 1 });
  home.exec('BEGIN');
  for (let n = 1; n <= messages + replies; n++) {
    const reply = n - messages;
    home.put('message', {
      id: idOf(n),
      ch: LONG_CHANNEL,
      q: n,
      ord: n,
      author: ME,
      kind: 'post',
      at: Date.UTC(2026, 0, 1) + (n * HOUR) / 2,
      text: `message ${n}`,
      ...(n === 10 ? { replies, last_reply_at: 1 } : {}),
      ...(reply > 0 ? { thread: THREAD_ROOT, tord: reply, also: reply === 700 ? 1 : 0 } : {}),
    });
  }
  home.exec('COMMIT');
  home.release();
  return home;
}
