/** Where the window's page lives: a scheme of its own, so that it has an origin and nothing of `file:` reach. */
export const SCHEME = 'app';
const HOST = 'parley';
export const PAGE_URL = `${SCHEME}://${HOST}/`;

/** Whether a URL is part of our page. */
export function isOurs(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST;
}

const OUTSIDE = new Set(['https:', 'http:', 'mailto:']);

/** An address the system may be asked to open, as the parser reads it; null for all others, whose handlers may run things. */
export function outsideUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return OUTSIDE.has(parsed.protocol) ? parsed.href : null;
}
