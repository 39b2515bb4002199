import { EmptyState, MentionIcon, t } from '@parley/ui';
import { useState } from 'react';
import { useLastingQuery } from '../engine/use-query.ts';
import { Card } from './card.tsx';
import css from './inbox.module.css';
import type { ListProps } from './inbox.tsx';
import { ListedMessage, openMessage } from './listed-message.tsx';
import { MoreButton, PAGE } from './more-button.tsx';

/** What others did that concerns the person: named them, reacted to what they wrote. */
export function ActivityList({ ws, sidebar }: ListProps) {
  const [limit, setLimit] = useState(PAGE);
  const { value } = useLastingQuery('activity', { ws, limit });
  if (!value) return null;
  if (value.entries.length === 0)
    return (
      <EmptyState icon={<MentionIcon size={28} />} title={t('inbox.noActivity')} body={t('inbox.noActivityBody')} />
    );
  return (
    <div className={css.list}>
      {value.entries.map(({ key, kind, message, channel, unread }) => (
        <Card
          key={key}
          title={channel}
          at={message.at}
          unread={unread}
          note={t(kind === 'mention' ? 'inbox.mention' : 'inbox.reaction')}
          onOpen={() => openMessage(ws, message)}
        >
          <ListedMessage ws={ws} message={message} names={value.names} me={sidebar.me} />
        </Card>
      ))}
      {value.more && <MoreButton limit={limit} onLimit={setLimit} />}
    </div>
  );
}
