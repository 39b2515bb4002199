import { shell, type WebContents } from 'electron';
import { outsideUrl } from './origin.ts';

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
  // The page never navigates by itself, so whatever asks to is a link. Reloading from the menu doesn't come here.
  contents.on('will-navigate', (event) => {
    event.preventDefault();
    openOutside(event.url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
