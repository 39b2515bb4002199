import { classNames, t } from '@parley/ui';
import type { ReactNode } from 'react';
import css from './inbox.module.css';

interface CardProps {
  /** `#name` or people: where what follows stands. */
  title: string;
  /** What kind of thing it is, or how much. */
  note?: ReactNode;
  unread?: boolean;
  actions?: ReactNode;
  onOpen(): void;
  children: ReactNode;
}

/** One entry of a list: where it stands, what it is, and the way there. */
export function Card({ title, note, unread = false, actions, onOpen, children }: CardProps) {
  return (
    <section className={classNames(css.card, unread && css.cardUnread)} aria-label={title}>
      <header className={css.cardHead}>
        <button type="button" className={css.where} onClick={onOpen} title={t('inbox.open', { name: title })}>
          <bdi>{title}</bdi>
        </button>
        {note !== undefined && <span className={css.note}>{note}</span>}
        <span className={css.actions}>{actions}</span>
      </header>
      {children}
    </section>
  );
}
