import type { ReactNode } from 'react';
import { fullTime, timeOfDay } from '../format-time.ts';
import css from './note-line.module.css';

/** What happened to the conversation itself, told quietly. */
export function NoteLine({ id, at, children }: { id: string; at: number; children: ReactNode }) {
  return (
    <p className={css.note} data-message={id} tabIndex={-1}>
      <span className={css.text}>{children}</span>
      <time className={css.time} dateTime={new Date(at).toISOString()} title={fullTime(at)}>
        {timeOfDay(at)}
      </time>
    </p>
  );
}
