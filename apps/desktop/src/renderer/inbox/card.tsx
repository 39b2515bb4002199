import { classNames, fullTime, shortTime, t } from '@parley/ui';
import type { ReactNode } from 'react';
import { useNow } from '../state/use-now.ts';
import css from './inbox.module.css';

interface CardProps {
  /** `#name` or people: where what follows stands. */
  title: string;
  /** What kind of thing it is, or how much. */
  note?: ReactNode;
  /** When it was written: the rows below say the hour only. */
  at?: number;
  unread?: boolean;
  actions?: ReactNode;
  onOpen(): void;
  children: ReactNode;
}

/** One entry of a list: where it stands, what it is, and the way there. */
export function Card({ title, note, at, unread = false, actions, onOpen, children }: CardProps) {
  const now = useNow();
  return (
    <section className={classNames(css.card, unread && css.cardUnread)} aria-label={title}>
      <header className={css.cardHead}>
        <button type="button" className={css.where} onClick={onOpen} title={t('inbox.open', { name: title })}>
          <bdi>{title}</bdi>
        </button>
        {note !== undefined && <span className={css.note}>{note}</span>}
        {at !== undefined && (
          <time className={css.note} dateTime={new Date(at).toISOString()} title={fullTime(at)}>
            {shortTime(at, now)}
          </time>
        )}
        <span className={css.actions}>{actions}</span>
      </header>
      {children}
    </section>
  );
}
