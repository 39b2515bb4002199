import type { ChannelId, MessageId, WorkspaceId } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useQuery } from '../engine/use-query.ts';
import css from './typing-line.module.css';

/** Who is writing just now. Its place is always kept, so that nothing moves when someone begins. */
export function TypingLine({ ws, ch, root }: { ws: WorkspaceId; ch: ChannelId; root: MessageId | null }) {
  const typing = useQuery('typing', { ws, ch, root }) ?? [];
  const [name, other] = typing;
  const text =
    name === undefined
      ? ''
      : other === undefined
        ? t('typing.one', { name })
        : typing.length === 2
          ? t('typing.two', { name, other })
          : t('typing.several');
  return (
    <p className={css.typing} aria-live="polite" dir="auto">
      {text}
    </p>
  );
}
