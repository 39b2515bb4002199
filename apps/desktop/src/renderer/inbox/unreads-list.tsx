import type { UnreadConversationView, UnreadsView } from '@parley/sync/model';
import { Button, CheckIcon, EmptyState, t } from '@parley/ui';
import { isDirect } from '../conversation/channel-name.tsx';
import { useLastingQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { Card } from './card.tsx';
import css from './inbox.module.css';
import type { ListProps } from './inbox.tsx';
import { ListedMessage } from './listed-message.tsx';
import { useMarkAllRead } from './use-mark-all-read.ts';

/** Everything not read yet, conversation by conversation. */
export function UnreadsList({ ws, sidebar }: ListProps) {
  const { value } = useLastingQuery('unreads', { ws });
  const markAllRead = useMarkAllRead(ws);
  if (!value) return null;
  if (value.conversations.length === 0)
    return <EmptyState icon={<CheckIcon size={28} />} title={t('inbox.noUnreads')} body={t('inbox.noUnreadsBody')} />;
  return (
    <div className={css.list}>
      <div className={css.bar}>
        <span className={css.note} role="status">
          {t('inbox.unreadIn', { count: value.conversations.length })}
        </span>
        <Button size="small" onClick={() => void markAllRead()}>
          {t('inbox.allRead')}
        </Button>
      </div>
      {value.conversations.map((entry) => (
        <Unread key={entry.key} ws={ws} sidebar={sidebar} entry={entry} names={value.names} />
      ))}
    </div>
  );
}

function Unread({
  ws,
  sidebar,
  entry,
  names,
}: ListProps & { entry: UnreadConversationView; names: UnreadsView['names'] }) {
  const command = useCommand();
  const { conversation, messages, more } = entry;
  const open = () => view.conversation(ws, conversation.id);
  return (
    <Card
      title={isDirect(conversation.kind) ? conversation.name : `#${conversation.name}`}
      note={t('inbox.unreadCount', { count: conversation.unread })}
      onOpen={open}
      actions={
        <Button size="small" onClick={() => void command('read.mark', { ws, ch: conversation.id })}>
          {t('inbox.markRead')}
        </Button>
      }
    >
      {messages.map((message) => (
        <ListedMessage key={message.key} ws={ws} message={message} names={names} me={sidebar.me} />
      ))}
      {more > 0 && (
        <button type="button" className={css.more} onClick={open}>
          {t('inbox.moreUnread', { count: more })}
        </button>
      )}
    </Card>
  );
}
