import type { ThreadEntryView, ThreadsView } from '@parley/sync/model';
import { Button, EmptyState, ThreadIcon, t } from '@parley/ui';
import { useState } from 'react';
import { useLastingQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { Card } from './card.tsx';
import css from './inbox.module.css';
import type { ListProps } from './inbox.tsx';
import { ListedMessage } from './listed-message.tsx';
import { MoreButton, PAGE } from './more-button.tsx';

/** The threads a person is in, the latest first. */
export function ThreadsList({ ws, sidebar }: ListProps) {
  const [limit, setLimit] = useState(PAGE);
  const { value } = useLastingQuery('threads', { ws, limit });
  if (!value) return null;
  if (value.threads.length === 0)
    return <EmptyState icon={<ThreadIcon size={28} />} title={t('inbox.noThreads')} body={t('inbox.noThreadsBody')} />;
  return (
    <div className={css.list}>
      {value.threads.map((entry) => (
        <Thread key={entry.key} ws={ws} sidebar={sidebar} entry={entry} names={value.names} />
      ))}
      {value.more && <MoreButton limit={limit} onLimit={setLimit} />}
    </div>
  );
}

function Thread({ ws, sidebar, entry, names }: ListProps & { entry: ThreadEntryView; names: ThreadsView['names'] }) {
  const command = useCommand();
  const { root, replies, unread, channel } = entry;
  const earlier = root.replies - replies.length;
  const open = () => view.pane({ kind: 'thread', ch: root.ch, root: root.id });
  return (
    <Card
      title={channel}
      at={root.lastReplyAt}
      unread={unread > 0}
      {...(unread > 0 ? { note: t('inbox.newReplies', { count: unread }) } : {})}
      onOpen={() => view.jump(ws, root.ch, root.id)}
      actions={
        unread > 0 && (
          <Button size="small" onClick={() => void command('read.thread', { ws, root: root.id })}>
            {t('inbox.markRead')}
          </Button>
        )
      }
    >
      <ListedMessage ws={ws} message={root} names={names} me={sidebar.me} />
      {earlier > 0 && (
        <button type="button" className={css.more} onClick={open}>
          {t('inbox.earlierReplies', { count: earlier })}
        </button>
      )}
      {replies.map((reply) => (
        <ListedMessage key={reply.key} ws={ws} message={reply} names={names} me={sidebar.me} />
      ))}
      <button type="button" className={css.more} onClick={open}>
        {t('inbox.openThread')}
      </button>
    </Card>
  );
}
