import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where compiled code may be kept between commands: in the person's own caches, never in the shared temporary directory,
 * where somebody else could put code of theirs first.
 */
export function compileCacheDirectory(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  user: string = homedir(),
): string {
  switch (platform) {
    case 'win32':
      return join(env.LOCALAPPDATA || join(user, 'AppData', 'Local'), 'Parley', 'Cache', 'code');
    case 'darwin':
      return join(user, 'Library', 'Caches', 'Parley', 'code');
    default:
      return join(env.XDG_CACHE_HOME || join(user, '.cache'), 'parley', 'code');
  }
}
