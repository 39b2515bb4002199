import css from './badge.module.css';
import { formatCount } from './strings.ts';

/** Past this a number says nothing more than "many". */
const MOST = 99;

export interface BadgeProps {
  count: number;
  label?: string;
}

/** The red number: only for what needs the person. Nothing for zero. */
export function Badge({ count, label }: BadgeProps) {
  if (count <= 0) return null;
  return (
    <span className={css.badge}>
      <span aria-hidden={label ? true : undefined}>{count > MOST ? `${formatCount(MOST)}+` : formatCount(count)}</span>
      {label && <span className={css.label}>{label}</span>}
    </span>
  );
}
