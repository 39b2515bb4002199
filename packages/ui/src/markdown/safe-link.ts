const SAFE = new Set(['http:', 'https:', 'mailto:']);

/** The address a link may lead to, or null: nothing that runs, reads files or belongs to another application. */
export function safeLink(url: string): string | null {
  try {
    const parsed = new URL(url);
    return SAFE.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}
