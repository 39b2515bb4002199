import { zipOf } from './zip.ts';

/** A small workspace for a machine without a real export, in the layout in which Slack exports one: the same every time. */

const PEOPLE = [
  ['ada', 'Ada Okafor'],
  ['ben', 'Ben Lindqvist'],
  ['chiara', 'Chiara Ricci'],
  ['dmitri', 'Dmitri Volkov'],
  ['emi', 'Emi Tanaka'],
  ['farid', 'Farid Haddad'],
  ['grace', 'Grace Mbeki'],
  ['hugo', 'Hugo Pereira'],
] as const;

const CHANNELS = [
  ['general', 'What everybody should know'],
  ['engineering', 'Building it'],
  ['design', 'How it looks and feels'],
  ['support', 'What people ask us'],
  ['random', 'Everything else'],
] as const;

const OPENERS = [
  'Has anybody seen the build fail on a clean checkout?',
  'The new sidebar is in review, have a look when you can.',
  'Reminder: the demo is on *Thursday at 15:00*.',
  'I wrote down what we decided: <https://example.com/notes/42|notes>.',
  'Customer asks whether search works offline. It does, doesn’t it?',
  'Moved the timeout into the config, it is `sync.timeout` now.',
  'Lunch at the usual place? :pizza:',
  '```\nerror: connection reset by peer\n```\nAnyone else getting this since noon?',
  'Who can review 318? It is two lines &amp; a test.',
  'The figures look good: 99.95% over the last month.',
] as const;
const REPLIES = [
  'Yes, same here.',
  'Looking into it now.',
  'Fixed, please try again.',
  'Good catch, thank you!',
  'I’d rather wait until Monday.',
  '+1',
  'Can you send me the log?',
  'Done :white_check_mark:',
] as const;
const REACTIONS = ['+1', 'tada', 'eyes', 'heart', 'rocket'] as const;

const DAYS = 20;
const MESSAGES_A_DAY = 8;
const FIRST_DAY = Date.UTC(2025, 5, 2);
const DAY_MS = 86_400_000;

interface Message {
  readonly type: 'message';
  readonly user: string;
  readonly text: string;
  readonly ts: string;
  thread_ts?: string;
  reply_count?: number;
  replies?: { user: string; ts: string }[];
  reactions?: { name: string; users: string[]; count: number }[];
}

/** Numbers that look random and are not (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const userId = (index: number): string => `U0DEMO${String(index).padStart(4, '0')}`;

function dayOf(day: number, random: (below: number) => number): Message[] {
  const messages: Message[] = [];
  let second = FIRST_DAY / 1000 + (day * DAY_MS) / 1000 + 9 * 3600;
  const post = (text: string): Message => {
    second += 30 + random(1500);
    const message: Message = {
      type: 'message',
      user: userId(random(PEOPLE.length)),
      text,
      ts: `${second}.000${100 + random(900)}`,
    };
    messages.push(message);
    return message;
  };
  for (let count = 0; count < MESSAGES_A_DAY; count++) {
    const root = post(OPENERS[random(OPENERS.length)] ?? OPENERS[0]);
    if (random(3) === 0) {
      const name = REACTIONS[random(REACTIONS.length)] ?? REACTIONS[0];
      const users = [...new Set([userId(random(PEOPLE.length)), userId(random(PEOPLE.length))])];
      root.reactions = [{ name, users, count: users.length }];
    }
    if (random(4) !== 0) continue;
    root.thread_ts = root.ts;
    root.replies = Array.from({ length: 1 + random(4) }, () => {
      const reply = post(REPLIES[random(REPLIES.length)] ?? REPLIES[0]);
      reply.thread_ts = root.ts;
      return { user: reply.user, ts: reply.ts };
    });
    root.reply_count = root.replies.length;
  }
  return messages;
}

/** The bytes of the export. */
export function generatedExport(): Buffer {
  const random = seeded(1);
  const created = FIRST_DAY / 1000;
  const members = PEOPLE.map((_, index) => userId(index));
  const files = new Map<string, string>();
  const put = (path: string, value: unknown): void => void files.set(path, JSON.stringify(value));
  put(
    'users.json',
    PEOPLE.map(([name, real_name], index) => ({
      id: userId(index),
      name,
      real_name,
      deleted: false,
      is_bot: false,
      is_admin: index === 0,
      is_owner: index === 0,
      profile: { real_name, display_name: real_name, email: `${name}@demo.example` },
    })),
  );
  put(
    'channels.json',
    CHANNELS.map(([name, purpose], index) => ({
      id: `C0DEMO${String(index).padStart(4, '0')}`,
      name,
      created,
      creator: userId(0),
      is_archived: false,
      is_general: index === 0,
      members,
      topic: { value: '', creator: '', last_set: 0 },
      purpose: { value: purpose, creator: userId(0), last_set: created },
    })),
  );
  for (const file of ['groups.json', 'dms.json', 'mpims.json']) put(file, []);
  for (const [channel] of CHANNELS)
    for (let day = 0; day < DAYS; day++)
      put(`${channel}/${new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)}.json`, dayOf(day, random));
  return zipOf(files);
}
