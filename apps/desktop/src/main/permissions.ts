import type { Session } from 'electron';
import { isOurs } from './origin.ts';

/** What the page is allowed to ask for. Everything else is denied, and so is everything asked by others. */
const ALLOWED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'notifications']);

export function denyByDefault(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(ALLOWED.has(permission) && isOurs(contents.getURL())),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => ALLOWED.has(permission) && isOurs(origin));
  session.setDevicePermissionHandler(() => false);
}
