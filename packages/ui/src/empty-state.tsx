import type { ReactNode } from 'react';
import css from './empty-state.module.css';

export interface EmptyStateProps {
  title: string;
  body?: string;
  icon?: ReactNode;
  action?: ReactNode;
}

/** What stands where there is nothing to show, and what to do about it. */
export function EmptyState({ title, body, icon, action }: EmptyStateProps) {
  return (
    <div className={css.empty}>
      {icon && <span className={css.icon}>{icon}</span>}
      <p className={css.title}>{title}</p>
      {body && <p className={css.body}>{body}</p>}
      {action}
    </div>
  );
}
