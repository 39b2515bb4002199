import type { ReactNode } from 'react';
import { Badge } from './badge.tsx';
import { classNames } from './class-names.ts';
import css from './sidebar-row.module.css';
import { t } from './strings.ts';

export interface ListRowProps {
  icon: ReactNode;
  name: string;
  selected: boolean;
  unread?: boolean;
  count?: number;
  onOpen(): void;
}

/** A row of the sidebar that is no conversation. */
export function ListRow({ icon, name, selected, unread = false, count = 0, onOpen }: ListRowProps) {
  return (
    <button
      type="button"
      className={classNames(css.row, selected && css.selected, unread && css.unread)}
      aria-current={selected ? 'page' : undefined}
      onClick={onOpen}
    >
      <span className={css.mark}>{icon}</span>
      <span className={css.name}>{name}</span>
      {unread && <span className={css.said}>{`, ${t('sidebar.unread')}`}</span>}
      <Badge count={count} />
    </button>
  );
}
