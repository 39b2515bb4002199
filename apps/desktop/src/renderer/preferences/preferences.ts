/**
 * What a person can set, the default first. Each is kept as JSON under its name in their own stream, and so is the same on
 * all their devices.
 */
export const CHOICES = {
  theme: ['system', 'light', 'dark'],
  contrast: ['system', 'more'],
  density: ['comfortable', 'compact'],
  clock: ['language', '12', '24'],
  enter: ['send', 'line'],
} as const;

export type PreferenceName = keyof typeof CHOICES;
export type Preferences = { readonly [N in PreferenceName]: (typeof CHOICES)[N][number] };

const NAMES = Object.keys(CHOICES) as readonly PreferenceName[];

export const DEFAULTS = Object.fromEntries(NAMES.map((name) => [name, CHOICES[name][0]])) as Preferences;

/** What is set and can be understood; a value of a newer build, or a broken one, is as if it were not set. */
export function readPreferences(stored: Readonly<Record<string, unknown>>): Preferences {
  const read = NAMES.flatMap((name) => {
    const value = CHOICES[name].find((choice) => JSON.stringify(choice) === stored[name]);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...DEFAULTS, ...Object.fromEntries(read) };
}
