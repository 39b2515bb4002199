import type { QuietHours } from '@parley/sync/model';

/** From ten in the evening to seven, where somebody turns quiet hours on. */
export const USUAL_NIGHT: QuietHours = { from: 22 * 60, to: 7 * 60 };

/** `22:05` of minutes from midnight, as a time field has it. */
export const timeText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Minutes from midnight of what a time field says; null while it says nothing whole. */
export function minutesOf(text: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** Words as a person lists them, one after the other with commas. */
export const wordsOf = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(',')
      .map((word) => word.trim().slice(0, 80))
      .filter(Boolean),
  ),
];
