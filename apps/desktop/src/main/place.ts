import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Where this instance keeps what is the person's (`home`) and what is the window's (`userData`). */
export interface Place {
  readonly home: string;
  readonly userData: string;
}

/**
 * `--home DIR` runs an instance of its own beside others, as for two people on one machine. Chromium's and Electron's own
 * switches stand among the arguments too and are none of ours.
 */
export function placeOf(argv: readonly string[], defaultUserData: string): Place {
  const { values } = parseArgs({ args: [...argv], options: { home: { type: 'string' } }, strict: false });
  if (typeof values.home !== 'string') return { home: join(defaultUserData, 'home'), userData: defaultUserData };
  const home = resolve(values.home);
  return { home, userData: join(home, 'window') };
}
