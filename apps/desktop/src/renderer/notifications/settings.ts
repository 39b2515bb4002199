/** What a person set about notifications, each kept as JSON among their preferences; the engine goes by the same. */
export const LEVELS = ['mentions', 'all', 'nothing'] as const;
export type Level = (typeof LEVELS)[number];

export interface QuietHours {
  /** Minutes from midnight. */
  readonly from: number;
  readonly to: number;
}

export interface NotificationSettings {
  readonly level: Level;
  readonly keywords: readonly string[];
  readonly quiet: QuietHours | null;
  readonly pausedUntil: number;
}

/** From ten in the evening to seven, where somebody turns quiet hours on. */
export const USUAL_NIGHT: QuietHours = { from: 22 * 60, to: 7 * 60 };

const json = (text: string | undefined): unknown => {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
};

const isMinute = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1_440;

export function readSettings(stored: Readonly<Record<string, string>>): NotificationSettings {
  const keywords = json(stored['notify.keywords']);
  const quiet = json(stored['notify.quiet']) as { from?: unknown; to?: unknown } | null;
  const paused = json(stored['notify.paused']);
  const level = json(stored['notify.level']);
  return {
    level: LEVELS.find((each) => each === level) ?? 'mentions',
    keywords: Array.isArray(keywords) ? keywords.filter((word) => typeof word === 'string') : [],
    quiet: quiet && isMinute(quiet.from) && isMinute(quiet.to) ? { from: quiet.from, to: quiet.to } : null,
    pausedUntil: Number.isInteger(paused) ? Number(paused) : 0,
  };
}

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
