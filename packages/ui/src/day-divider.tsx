import css from './day-divider.module.css';
import { dayLabel } from './format-time.ts';
import { t } from './strings.ts';

/** Where a day begins. */
export function DayDivider({ at, now }: { at: number; now: number }) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: a separator with words in it, not a splitter
    <div className={css.day} role="separator" aria-label={dayLabel(at, now)}>
      <span className={css.label}>{dayLabel(at, now)}</span>
    </div>
  );
}

/** Where the unread begin; it stays for the visit. */
export function NewLine() {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: a separator with words in it, not a splitter
    <div className={css.new} role="separator" aria-label={t('timeline.new')} data-new-line>
      <span className={css.newLabel}>{t('timeline.new')}</span>
    </div>
  );
}
