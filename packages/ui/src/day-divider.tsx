import css from './day-divider.module.css';
import { dayLabel } from './format-time.ts';
import { t } from './strings.ts';

/** Where a day begins. */
export function DayDivider({ at, now }: { at: number; now: number }) {
  return (
    <div className={css.day}>
      <span className={css.label}>{dayLabel(at, now)}</span>
    </div>
  );
}

/** Where the unread begin; it stays for the visit. */
export function NewLine() {
  return (
    <div className={css.new} data-new-line>
      <span className={css.newLabel}>{t('timeline.new')}</span>
    </div>
  );
}
