import { InvalidArgumentError } from 'commander';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/;

/** The beginning of a local day, `days` later. */
function dayOf(text: string, days: number): number | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return null;
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day)];
  const date = new Date(y, m, d);
  // 30 February would quietly become 2 March.
  if (date.getMonth() !== m || date.getDate() !== d) return null;
  return new Date(y, m, d + days).getTime();
}

function momentOf(text: string, days: number): number {
  const at = dayOf(text, days) ?? (TIME.test(text) ? Date.parse(text) : Number.NaN);
  if (Number.isNaN(at))
    throw new InvalidArgumentError('It is a date such as 2026-03-01, or a moment such as 2026-03-01T09:30.');
  return at;
}

/** `--since`: from the beginning of that day on, or from that moment on. */
export const sinceOf = (text: string): number => momentOf(text, 0);
/** `--until`: up to the end of that day, or up to that moment. */
export const untilOf = (text: string): number => momentOf(text, 1);
