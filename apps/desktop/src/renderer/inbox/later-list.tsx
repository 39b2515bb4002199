import { Button, EmptyState, SaveIcon, t } from '@parley/ui';
import { useLastingQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { Card } from './card.tsx';
import css from './inbox.module.css';
import type { ListProps } from './inbox.tsx';
import { ListedMessage, openMessage } from './listed-message.tsx';

/** What the person put aside, the latest first. */
export function LaterList({ ws, sidebar }: ListProps) {
  const command = useCommand();
  const { value } = useLastingQuery('later', { ws });
  if (!value) return null;
  if (value.entries.length === 0)
    return <EmptyState icon={<SaveIcon size={28} />} title={t('inbox.noLater')} body={t('inbox.noLaterBody')} />;
  return (
    <div className={css.list}>
      {value.entries.map(({ key, message, channel }) => (
        <Card
          key={key}
          title={channel}
          at={message.at}
          onOpen={() => openMessage(ws, message)}
          actions={
            <Button size="small" onClick={() => void command('message.save', { ws, msg: message.id, on: false })}>
              {t('inbox.done')}
            </Button>
          }
        >
          <ListedMessage ws={ws} message={message} names={value.names} me={sidebar.me} />
        </Card>
      ))}
    </div>
  );
}
