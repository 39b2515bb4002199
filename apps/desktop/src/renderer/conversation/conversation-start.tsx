import type { ChannelView } from '@parley/sync/model';
import { Avatar, fullTime, t } from '@parley/ui';
import { ChannelMark, isDirect, spokenName } from './channel-name.tsx';
import css from './conversation-start.module.css';

/** What stands before the first message ever written here. An article, for a feed holds nothing else. */
export function ConversationStart({ channel }: { channel: ChannelView }) {
  const direct = isDirect(channel.kind);
  return (
    <article className={css.start}>
      {direct ? <Avatar id={channel.with[0] ?? channel.id} name={channel.name} size="large" /> : null}
      <h2 className={css.title}>
        {!direct && <ChannelMark kind={channel.kind} size={22} />}
        <bdi>{channel.name}</bdi>
      </h2>
      <p className={css.text}>
        {t(direct ? 'timeline.startDirect' : 'timeline.startChannel', { name: spokenName(channel) })}{' '}
        {!direct &&
          channel.creator &&
          channel.createdAt > 0 &&
          t('timeline.created', { name: channel.creator, date: fullTime(channel.createdAt) })}
      </p>
      {channel.purpose && (
        <p className={css.text} dir="auto">
          {channel.purpose}
        </p>
      )}
    </article>
  );
}
