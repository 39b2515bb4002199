import type { ChannelId, MessageId, UserId } from '@parley/sync/model';
import type { Office } from './office.ts';
import type { Person } from './person.ts';

/** A day of two people, each at another build: every kind of thing people do, and each seen by the other. */
export async function workTogether(office: Office, ann: Person, bob: Person): Promise<void> {
  const { general } = office;
  const [annId, bobId] = [office.people.get('ann'), office.people.get('bob')] as [UserId, UserId];
  const first = await ann.say(general, 'From Ann');
  await bob.sees(general, first);
  const second = await bob.say(general, `From Bob, to <@${annId}>`);
  await ann.sees(general, second);
  await ann.do('message.edit', { msg: first, text: 'From Ann, edited' });
  await bob.sees(general, first, ({ text }) => text.endsWith('edited'));
  await bob.do('message.react', { msg: first, emoji: '👋', on: true });
  await bob.say(general, 'In a thread', { thread: first });
  await ann.do('message.pin', { msg: second, on: true });
  await ann.sees(general, first, ({ reactions, replies }) => reactions.length === 1 && replies === 1);
  await bob.sees(general, second, ({ pinned }) => pinned);
  await ann.do('message.delete', { msg: first });
  await bob.sees(general, first, ({ deleted }) => deleted);

  // A conversation somebody is let into with a history, and out of.
  const { ch } = await bob.do('channel.create', { name: 'plans', private: true, topic: 'What comes next' });
  const before = await bob.say(ch, 'What was here before');
  await bob.do('channel.invite', { ch, users: [annId] });
  await ann.sees(ch, before);
  await ann.do('draft.set', { ch, root: null, text: 'half a thought' });
  await ann.do('read.mark', { ch });
  await ann.do('message.save', { msg: before, on: true });
  await ann.do('profile.status', { emoji: '🎧', text: 'Heads down', until: 0 });
  await bob.until('person', { user: annId }, (person) => person?.status?.text === 'Heads down');
  await bob.do('channel.remove', { ch, user: annId });
  await ann.until('sidebar', {}, ({ conversations }) => conversations.every(({ id }) => id !== ch));

  const direct = await ann.do('channel.direct', { users: [bobId] });
  await bob.sees(direct.ch, await ann.say(direct.ch, 'Only you'));
  await Promise.all([ann.synced(), bob.synced()]);
}

/** What both wrote while there was no relay is there for both once there is one again. */
export async function comeBack(ch: ChannelId, written: readonly MessageId[], people: readonly Person[]): Promise<void> {
  await Promise.all(people.map((person) => person.do('sync.now', {})));
  await Promise.all(people.flatMap((person) => written.map((id) => person.sees(ch, id))));
  await Promise.all(people.map((person) => person.synced()));
}

/** Two people hold the same of a conversation, and each replica is what it should be. */
export async function sameFor(ch: ChannelId, people: readonly Person[]): Promise<readonly string[]> {
  const seen = await Promise.all(people.map((person) => person.texts(ch)));
  for (const texts of seen) if (texts.join('\n') !== seen[0]?.join('\n')) throw new Error('the timelines differ');
  for (const person of people) {
    const { compared, problems } = await person.do('sync.verify', {});
    if (!compared || problems.length) throw new Error(`verify: ${JSON.stringify(problems)}`);
  }
  return seen[0] ?? [];
}
