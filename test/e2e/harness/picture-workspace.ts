import { zipOf } from '../../../scripts/demo/zip.ts';

/** The day the picture is taken, a Thursday afternoon: the workspace lies in the two days before. */
export const TAKEN_AT = Date.UTC(2025, 5, 12, 15, 48);
const DAY_S = 86_400;
const TODAY = Date.UTC(2025, 5, 12) / 1000;

const PEOPLE = ['Ada Okafor', 'Ben Lindqvist', 'Chiara Ricci', 'Dmitri Volkov', 'Emi Tanaka', 'Grace Mbeki'] as const;
type Who = 'ada' | 'ben' | 'chiara' | 'dmitri' | 'emi' | 'grace';

interface Said {
  readonly who: Who;
  /** Days back and time of day. */
  readonly at: readonly [daysAgo: number, time: string];
  readonly text: string;
  readonly reactions?: Readonly<Record<string, readonly Who[]>>;
  readonly replies?: readonly { readonly who: Who; readonly time: string; readonly text: string }[];
}

const handle = (name: string): string => name.split(' ')[0]?.toLowerCase() ?? name;
const idOf = (who: Who): string => `U0${who.toUpperCase()}`;

function second([daysAgo, time]: Said['at']): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return TODAY - daysAgo * DAY_S + hours * 3600 + minutes * 60;
}

const RELEASE: readonly Said[] = [
  {
    who: 'grace',
    at: [1, '16:20'],
    text: 'Release notes for 2.4 are up for reading: <https://example.com/notes/2.4|notes>. Please mark what your team still owes.',
  },
  {
    who: 'dmitri',
    at: [1, '16:31'],
    text: 'Docs are done. The migration guide has one open question, I will settle it with <@U0EMI> tomorrow.',
  },
  {
    who: 'emi',
    at: [0, '09:04'],
    text: 'Good morning! The overnight run is green on all three platforms. 🎉',
    reactions: { tada: ['ada', 'ben', 'grace'], coffee: ['dmitri'] },
  },
  {
    who: 'ben',
    at: [0, '09:12'],
    text: 'I measured start-up again with the new index, on the oldest laptop I could find:\n```\ncold start   1 840 ms  ->  610 ms\nsearch p99     212 ms  ->   19 ms\n```',
    reactions: { rocket: ['ada', 'chiara', 'emi', 'grace'] },
  },
  { who: 'chiara', at: [0, '09:15'], text: 'That is the difference between _waiting_ and *not noticing*. Lovely.' },
  {
    who: 'ada',
    at: [0, '10:42'],
    text: 'Before we tag it: does anything still break when the connection drops in the middle of an upload?',
    replies: [
      {
        who: 'ben',
        time: '10:45',
        text: 'I pulled the cable on purpose, twenty times. Everything queued and went out once, in order.',
      },
      {
        who: 'emi',
        time: '10:47',
        text: 'Same on the train this morning, tunnels included. The edit I made offline kept both versions in its history.',
      },
      {
        who: 'dmitri',
        time: '10:51',
        text: 'One thing: `retry` waited a full minute after I was back. It should try at once when the network returns.',
      },
      {
        who: 'ben',
        time: '11:26',
        text: 'Fixed, and there is a test that pulls the cable for us now. 🔌',
      },
      { who: 'ada', time: '11:30', text: 'Then I have nothing left. Thank you, all of you.' },
    ],
  },
  {
    who: 'grace',
    at: [0, '11:34'],
    text: 'Tagging at 16:00 then. Checklist:\n• changelog\n• signed packages\n• a note to <#C0SUPPORT|support>',
    reactions: { '+1': ['ada', 'ben', 'emi'] },
  },
  {
    who: 'chiara',
    at: [0, '14:10'],
    text: 'Screenshots for the site are re-taken, light and dark. The dark ones are my favourites.',
  },
  {
    who: 'emi',
    at: [0, '15:41'],
    text: '<@U0ADA> packages are signed and on the staging mirror. Ready when you are.',
    reactions: { rocket: ['ben'] },
  },
];

const CHANNELS: readonly (readonly [id: string, name: string, topic: string, said: readonly Said[]])[] = [
  [
    'C0GENERAL',
    'general',
    'What everybody should know',
    [{ who: 'grace', at: [1, '09:00'], text: 'All hands moves to Friday, 10:00.' }],
  ],
  ['C0DESIGN', 'design', '', [{ who: 'chiara', at: [0, '13:20'], text: 'New icons are in the shared folder.' }]],
  [
    'C0ENGINEERING',
    'engineering',
    '',
    [{ who: 'ben', at: [1, '17:02'], text: 'The build is twice as fast since this afternoon.' }],
  ],
  ['C0RANDOM', 'random', '', [{ who: 'emi', at: [0, '12:31'], text: 'Somebody left a bicycle pump in the kitchen.' }]],
  ['C0RELEASE', 'release-2-4', 'Tag on Thursday 16:00 · open items in the notes', RELEASE],
  [
    'C0SUPPORT',
    'support',
    '',
    [{ who: 'dmitri', at: [0, '10:20'], text: 'Two questions about exports today, both answered.' }],
  ],
];
const DIRECT: readonly (readonly [id: string, other: Who, text: string])[] = [
  ['D0BEN', 'ben', 'Shall we walk through the numbers at three?'],
  ['D0CHIARA', 'chiara', 'Thank you for the review!'],
  ['D0GRACE', 'grace', 'I will bring the cake.'],
];

/** An export of a small company on the day of a release. */
export function pictureWorkspace(): Buffer {
  const files = new Map<string, string>();
  const put = (path: string, value: unknown): void => void files.set(path, JSON.stringify(value));
  const members = PEOPLE.map((name) => idOf(handle(name) as Who));
  put(
    'users.json',
    PEOPLE.map((name) => ({
      id: idOf(handle(name) as Who),
      name: handle(name),
      real_name: name,
      deleted: false,
      is_bot: false,
      profile: { real_name: name, display_name: name },
    })),
  );
  const created = TODAY - 30 * DAY_S;
  put(
    'channels.json',
    CHANNELS.map(([id, name, topic]) => ({
      id,
      name,
      created,
      creator: 'U0GRACE',
      is_archived: false,
      is_general: name === 'general',
      members,
      topic: { value: topic, creator: 'U0GRACE', last_set: created },
      purpose: { value: '', creator: '', last_set: 0 },
    })),
  );
  put(
    'dms.json',
    DIRECT.map(([id, other]) => ({ id, created, members: ['U0ADA', idOf(other)] })),
  );
  for (const file of ['groups.json', 'mpims.json']) put(file, []);

  const days = new Map<string, object[]>();
  let serial = 100;
  const post = (place: string, at: number, message: object): string => {
    const path = `${place}/${new Date(at * 1000).toISOString().slice(0, 10)}.json`;
    const ts = `${at}.000${serial++}`;
    days.set(path, [...(days.get(path) ?? []), { type: 'message', ts, ...message }]);
    return ts;
  };
  for (const [, name, , said] of CHANNELS)
    for (const { who, at, text, reactions, replies } of said) {
      const shown = Object.entries(reactions ?? {}).map(([emoji, users]) => ({
        name: emoji,
        users: users.map(idOf),
        count: users.length,
      }));
      const message: Record<string, unknown> = { user: idOf(who), text, ...(shown.length ? { reactions: shown } : {}) };
      const thread_ts = post(name, second(at), message);
      if (!replies) continue;
      const root = days.get(`${name}/${new Date(second(at) * 1000).toISOString().slice(0, 10)}.json`)?.at(-1);
      const written = replies.map((reply) => ({
        user: idOf(reply.who),
        ts: post(name, second([at[0], reply.time]), { user: idOf(reply.who), text: reply.text, thread_ts }),
      }));
      if (root) Object.assign(root, { thread_ts, reply_count: written.length, replies: written });
    }
  for (const [index, [id, other, text]] of DIRECT.entries())
    post(id, second([0, `14:${50 - index}`]), { user: idOf(other), text });
  for (const [path, messages] of days) put(path, messages);
  return zipOf(files);
}
