import { escapeHtml, language } from '@parley/ui/static';
import { isoTime } from '../../local-time.ts';

const clock = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' });
const long = new Intl.DateTimeFormat(language, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
const short = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric' });
const year = new Intl.DateTimeFormat(language, { year: 'numeric' });

/** The zone all times of an export are in: that of the machine that made it. */
export const timeZone = (): string => clock.resolvedOptions().timeZone;

const timed = (at: number, shown: string): string =>
  `<time datetime="${isoTime(at)}" title="${escapeHtml(full.format(at))}">${escapeHtml(shown)}</time>`;

export const clockTime = (at: number): string => timed(at, clock.format(at));
export const dayAndClock = (at: number): string => timed(at, `${short.format(at)}, ${clock.format(at)}`);
export const shortDay = (at: number): string => timed(at, short.format(at));
export const fullTime = (at: number): string => full.format(at);
/** `Thursday, March 5, 2026`: an archive has no today. */
export const dayHeading = (at: number): string => escapeHtml(long.format(at));
/** `Mar 3 – May 20, 2026` */
export const dayRange = (from: number, to: number): string => short.formatRange(from, to);
export const yearName = (at: number): string => year.format(at);

/** `2026-03`, which sorts. */
export function monthKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}
