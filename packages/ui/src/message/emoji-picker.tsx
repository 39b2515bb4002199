import { cloneElement, type ReactElement, useState } from 'react';
import { Popover } from '../popover.tsx';
import { t } from '../strings.ts';
import css from './emoji-picker.module.css';
import { COMMON_REACTIONS, singleEmoji } from './quick-reactions.ts';

export interface EmojiPickerProps {
  trigger: ReactElement<Record<string, unknown>>;
  /** Data URLs of the workspace's own, by name. */
  custom: Readonly<Record<string, string>>;
  onPick(emoji: string): void;
  onOpenChange(open: boolean): void;
}

/** A small set, the workspace's own, and a field for any other. */
export function EmojiPicker({ trigger, custom, onPick, onOpenChange }: EmojiPickerProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [used, setUsed] = useState(false);
  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange(next);
  };
  const pick = (emoji: string) => {
    change(false);
    setTyped('');
    onPick(emoji);
  };
  const named = /^:?([a-z0-9_+-]{1,64}):?$/.exec(typed.trim())?.[1];
  const chosen = singleEmoji(typed) ?? (named !== undefined && Object.hasOwn(custom, named) ? `:${named}:` : null);
  const images = Object.entries(custom);
  // A screenful of messages holds dozens of these buttons and hardly one is ever pressed: until then it is only a button.
  if (!used)
    return cloneElement(trigger, {
      onClick: () => {
        setUsed(true);
        change(true);
      },
    });
  return (
    <Popover trigger={trigger} label={t('message.react')} open={open} onOpenChange={change}>
      <div className={css.picker}>
        <form
          className={css.typed}
          onSubmit={(event) => {
            event.preventDefault();
            if (chosen) pick(chosen);
          }}
        >
          <input
            className={css.input}
            value={typed}
            placeholder={t('reaction.anyEmoji')}
            aria-label={t('reaction.anyEmoji')}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit" className={css.add} disabled={chosen === null}>
            {t('reaction.add')}
          </button>
        </form>
        <div className={css.grid}>
          {COMMON_REACTIONS.map((emoji) => (
            <button key={emoji} type="button" className={css.emoji} aria-label={emoji} onClick={() => pick(emoji)}>
              {emoji}
            </button>
          ))}
        </div>
        {images.length > 0 && (
          <>
            <p className={css.title}>{t('reaction.custom')}</p>
            <div className={css.grid}>
              {images.map(([name, image]) => (
                <button
                  key={name}
                  type="button"
                  className={css.emoji}
                  title={`:${name}:`}
                  onClick={() => pick(`:${name}:`)}
                >
                  <img className={css.image} src={image} alt={`:${name}:`} />
                </button>
              ))}
            </div>
          </>
        )}
      </div>
    </Popover>
  );
}
