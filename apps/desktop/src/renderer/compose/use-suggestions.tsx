import type { ChannelId, Names, PersonView, WorkspaceId } from '@parley/sync/model';
import { channelMention, userMention } from '@parley/sync/text';
import { Avatar, ChannelIcon, type Lookup, MentionIcon, PrivateIcon, type Suggestion, t } from '@parley/ui';
import { useMemo, useState } from 'react';
import { useLastingQuery, useQuery } from '../engine/use-query.ts';
import { EMOJI_NAMES } from './emoji-names.ts';

const MOST = 8;

const ofPerson = (person: PersonView): Suggestion => ({
  key: person.id,
  label: person.name,
  detail: person.handle,
  icon: <Avatar id={person.id} name={person.name} image={person.avatar} size="small" />,
  insert: `@${person.name}`,
  token: userMention(person.id),
});

/** Answers lag behind the typing: Enter must not take somebody who was found for fewer letters. */
const fits = (person: PersonView, match: string): boolean =>
  [person.name, person.handle].some((text) => text.toLowerCase().includes(match.trim().toLowerCase()));

const begins = (text: string, match: string): boolean => text.toLowerCase().startsWith(match.toLowerCase());

function everyone(match: string): Suggestion[] {
  const all = [
    { key: 'channel', label: '@channel', detail: t('composer.everyone'), insert: '@channel' },
    { key: 'here', label: '@here', detail: t('composer.hereNow'), insert: '@here' },
  ];
  return all
    .filter(({ key }) => match !== '' && begins(key, match))
    .map((entry) => ({ ...entry, icon: <MentionIcon size={16} /> }));
}

function emoji(match: string, images: Names['emoji']): Suggestion[] {
  const own = Object.keys(images).map(
    (name): Suggestion => ({
      key: `own ${name}`,
      label: `:${name}:`,
      icon: <img src={images[name]} alt="" width={18} height={18} />,
      insert: `:${name}:`,
    }),
  );
  const known = EMOJI_NAMES.map(
    ([name, character]): Suggestion => ({
      key: name,
      label: `:${name}:`,
      icon: character,
      insert: character,
    }),
  );
  const found = [...own, ...known].filter((entry) => entry.label.includes(match.toLowerCase()));
  return found.sort((a, b) => Number(begins(b.label.slice(1), match)) - Number(begins(a.label.slice(1), match)));
}

/** What the composer may complete at the caret: people, channels, emoji, all from the replica. */
export function useSuggestions(ws: WorkspaceId, ch: ChannelId, names: Names | undefined) {
  const [lookup, look] = useState<Lookup | null>(null);
  const match = lookup?.match ?? '';
  const sidebar = useQuery('sidebar', { ws });
  const people = useLastingQuery('people', lookup?.trigger === '@' ? { ws, match, limit: MOST } : null).value;
  const directory = useLastingQuery('directory', lookup?.trigger === '#' ? { ws, match } : null).value;
  const direct = sidebar?.conversations.find((conversation) => conversation.id === ch);
  const alone = direct?.kind === 'dm';

  const suggestions = useMemo((): readonly Suggestion[] => {
    switch (lookup?.trigger) {
      case '@':
        return [
          ...(people ?? []).filter((person) => fits(person, match)).map(ofPerson),
          ...(alone ? [] : everyone(match)),
        ].slice(0, MOST);
      case '#': {
        const found = new Map<ChannelId, Suggestion>();
        const add = (id: ChannelId, name: string, detail: string, hidden: boolean) =>
          found.set(id, {
            key: id,
            label: name,
            detail,
            icon: hidden ? <PrivateIcon size={15} /> : <ChannelIcon size={16} />,
            insert: `#${name}`,
            token: channelMention(id),
          });
        for (const own of sidebar?.conversations ?? [])
          if ((own.kind === 'public' || own.kind === 'private') && begins(own.name, match))
            add(own.id, own.name, '', own.kind === 'private');
        for (const entry of directory ?? []) if (!found.has(entry.id)) add(entry.id, entry.name, entry.topic, false);
        return [...found.values()].slice(0, MOST);
      }
      case ':':
        return emoji(match, names?.emoji ?? {}).slice(0, MOST);
      default:
        return [];
    }
  }, [lookup?.trigger, match, people, directory, sidebar, names?.emoji, alone]);

  return { suggestions, look };
}
