import { classNames } from '../class-names.ts';
import { ReactIcon } from '../icons.ts';
import type { MarkdownNames } from '../markdown/markdown.tsx';
import { formatCount, t } from '../strings.ts';
import { EmojiPicker } from './emoji-picker.tsx';
import type { MessageEvent, ReactionProps } from './message-model.ts';
import css from './reactions.module.css';

export interface ReactionsProps {
  reactions: readonly ReactionProps[];
  names: MarkdownNames;
  onEvent(event: MessageEvent): void;
  onHold(held: boolean): void;
}

/** What people answered without words; one's own are marked, a click joins or leaves. */
export function Reactions({ reactions, names, onEvent, onHold }: ReactionsProps) {
  const mine = new Set(reactions.filter((reaction) => reaction.mine).map((reaction) => reaction.emoji));
  return (
    <div className={css.reactions}>
      {reactions.map((reaction) => (
        <button
          key={reaction.emoji}
          type="button"
          className={classNames(css.reaction, reaction.mine && css.mine)}
          aria-pressed={reaction.mine}
          // With the count, for what is seen has to be in what is said.
          aria-label={`${formatCount(reaction.count)}, ${t('reaction.who', { names: reaction.who, emoji: reaction.emoji })}`}
          title={t('reaction.who', { names: reaction.who, emoji: reaction.emoji })}
          onClick={() => onEvent({ do: 'react', emoji: reaction.emoji, on: !reaction.mine })}
        >
          {reaction.image?.startsWith('data:image/') ? (
            <img className={css.image} src={reaction.image} alt="" />
          ) : (
            <span className={css.emoji}>{reaction.emoji}</span>
          )}
          <span className={css.count}>{formatCount(reaction.count)}</span>
        </button>
      ))}
      <EmojiPicker
        custom={names.emoji}
        onOpenChange={onHold}
        onPick={(emoji) => onEvent({ do: 'react', emoji, on: !mine.has(emoji) })}
        trigger={
          <button
            type="button"
            className={classNames(css.reaction, css.add)}
            aria-label={t('message.react')}
            title={t('message.react')}
          >
            <ReactIcon size={15} />
          </button>
        }
      />
    </div>
  );
}
