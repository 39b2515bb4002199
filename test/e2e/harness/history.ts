import { zipOf } from '../../../scripts/demo/zip.ts';

/** Messages of the generated history, in one channel; far more than a window shows. */
export const MESSAGES = 400;

const FIRST = Date.UTC(2024, 0, 8, 9) / 1000;
const STEP_S = 1_800;
const ANIMALS = ['otter', 'heron', 'walrus', 'gannet', 'puffin', 'lobster', 'seal'] as const;
const WHO = [
  ['U1', 'ada', 'Ada Okafor'],
  ['U2', 'ben', 'Ben Lindqvist'],
] as const;

/** What message `n`, from 1, says: unique, and findable by its number. */
export const saying = (n: number): string => `Sighting ${n}: ${ANIMALS[n % ANIMALS.length]} near buoy${n}`;

/** A Slack export of one channel, `watch`, whose messages stand half an hour apart; the fifth has a thread. */
export function history(): Buffer {
  const files = new Map<string, string>();
  const put = (path: string, value: unknown): void => void files.set(path, JSON.stringify(value));
  put(
    'users.json',
    WHO.map(([id, name, real_name]) => ({
      id,
      name,
      real_name,
      deleted: false,
      is_bot: false,
      profile: { real_name },
    })),
  );
  put('channels.json', [
    {
      id: 'C1',
      name: 'watch',
      created: FIRST,
      creator: 'U1',
      is_archived: false,
      is_general: false,
      members: ['U1', 'U2'],
      topic: { value: 'What was seen from the tower', creator: 'U1', last_set: FIRST },
      purpose: { value: '', creator: '', last_set: 0 },
    },
  ]);
  for (const file of ['groups.json', 'dms.json', 'mpims.json']) put(file, []);
  const days = new Map<string, object[]>();
  const post = (second: number, message: object) => {
    const day = new Date(second * 1000).toISOString().slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), { type: 'message', ts: `${second}.000100`, ...message }]);
  };
  for (let n = 1; n <= MESSAGES; n++) {
    const at = FIRST + n * STEP_S;
    const user = WHO[n % 2]?.[0];
    if (n !== 5) {
      post(at, { user, text: saying(n) });
      continue;
    }
    const thread_ts = `${at}.000100`;
    const reply = { user: 'U1', ts: `${at + 60}.000100` };
    post(at, { user, text: saying(n), thread_ts, reply_count: 1, replies: [reply] });
    post(at + 60, { user: 'U1', text: 'Are you sure it was no cormorant?', thread_ts });
  }
  for (const [day, messages] of days) put(`watch/${day}.json`, messages);
  return zipOf(files);
}
