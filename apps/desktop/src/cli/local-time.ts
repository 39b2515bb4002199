const two = (n: number): string => String(n).padStart(2, '0');

/** `2025-11-03`, in the person's own time zone. */
export function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `14:05`, in the person's own time zone. */
export function localClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export const localMinute = (at: number): string => `${localDay(at)} ${localClock(at)}`;

/** The form every `--json` answer has: UTC, to the millisecond. */
export const isoTime = (at: number): string => new Date(at).toISOString();
