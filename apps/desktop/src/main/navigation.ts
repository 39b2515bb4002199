import { shell, type WebContents } from 'electron';
import { isOurs, outsideUrl } from './origin.ts';

/** Keeps a window on its page: links lead to the system's browser, and nothing is embedded. */
export function keepOnPage(contents: WebContents): void {
  const openOutside = (url: string): void => {
    const outside = outsideUrl(url);
    if (outside) void shell.openExternal(outside);
  };
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event) => {
    // The page may load itself anew.
    if (isOurs(event.url)) return;
    event.preventDefault();
    openOutside(event.url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
