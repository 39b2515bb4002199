import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, start } from './processes.ts';

/** Electron's executable where its package has one. Asking the package itself would download it. */
function electronBinary(): string | null {
  const folder = join(root, 'node_modules/electron');
  const name = join(folder, 'path.txt');
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  if (!existsSync(name) && !process.env.ELECTRON_OVERRIDE_DIST_PATH) return null;
  const binary = join(dist, existsSync(name) ? readFileSync(name, 'utf8') : 'electron');
  return existsSync(binary) ? binary : null;
}

const hasScreen = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);

/** Opens the app on a home: in Electron where it can be had, else in the browser, or by its address alone. */
export function startApp(home: string, open: boolean): ChildProcess {
  const electron = open && hasScreen() ? electronBinary() : null;
  if (electron) return start(electron, [join(root, 'apps/desktop'), '--home', home]);
  return start(process.execPath, [
    'apps/desktop/src/shell/main.ts',
    '--home',
    home,
    ...(open && hasScreen() ? [] : ['--no-open']),
  ]);
}
