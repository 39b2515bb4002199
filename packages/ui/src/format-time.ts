import { language, t } from './strings.ts';

/** Dates and times as the person's language and time zone write them; `at` is milliseconds since the epoch. */
let clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
let full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' });
const dayThisYear = new Intl.DateTimeFormat(language, { weekday: 'long', month: 'long', day: 'numeric' });
const dayOtherYear = new Intl.DateTimeFormat(language, {
  weekday: 'long',
  year: 'numeric',
  month: 'long',
  day: 'numeric',
});
const shortThisYear = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' });
const shortOtherYear = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' });
const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

/** How many hours a clock has, for everything drawn from now on; null as the language has it. */
export function setClock(hours: 12 | 24 | null): void {
  const cycle = hours === null ? {} : ({ hourCycle: hours === 12 ? 'h12' : 'h23' } as const);
  clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', ...cycle });
  full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium', ...cycle });
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Which local day `at` falls on, as a key to compare by. */
export function dayKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

export const timeOfDay = (at: number): string => clock.format(at);
export const fullTime = (at: number): string => full.format(at);

/** "Today", "Yesterday", or the date. */
export function dayLabel(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return t('day.today');
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayKey(at) === dayKey(yesterday.getTime())) return t('day.yesterday');
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? dayThisYear : dayOtherYear).format(at);
}

/** The time for today, the date for earlier: for lists. */
export function shortTime(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return clock.format(at);
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? shortThisYear : shortOtherYear).format(at);
}

/** "5 minutes ago"; days and older as a date. */
export function timeAgo(at: number, now: number): string {
  const passed = Math.max(0, now - at);
  if (passed < HOUR) return ago.format(-Math.floor(passed / MINUTE), 'minute');
  if (passed < DAY) return ago.format(-Math.floor(passed / HOUR), 'hour');
  if (passed < 7 * DAY) return ago.format(-Math.floor(passed / DAY), 'day');
  return shortTime(at, now);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size as people read it. */
export function fileSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: BYTE_UNITS[unit] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0,
  }).format(size);
}
