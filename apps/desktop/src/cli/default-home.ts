import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the desktop app keeps a person's home on this system, so that the command line without `--home` is about the
 * same conversations as the window.
 */
export function defaultHome(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  user: string = homedir(),
): string {
  switch (platform) {
    case 'win32':
      return join(env.APPDATA || join(user, 'AppData', 'Roaming'), 'Parley', 'home');
    case 'darwin':
      return join(user, 'Library', 'Application Support', 'Parley', 'home');
    default:
      return join(env.XDG_CONFIG_HOME || join(user, '.config'), 'Parley', 'home');
  }
}
