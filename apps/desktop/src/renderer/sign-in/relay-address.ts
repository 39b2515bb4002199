/** A relay on this machine is reached without TLS; every other is assumed to have it unless the person says otherwise. */
const LOCAL = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i;

/** The address a person typed, completed: `chat.example.com` is enough. Null where it is no address. */
export function relayAddress(text: string): string | null {
  const typed = text.trim();
  if (typed === '' || /\s/.test(typed)) return null;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `${LOCAL.test(typed) ? 'http' : 'https'}://${typed}`;
  try {
    const url = new URL(whole);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : null;
  } catch {
    return null;
  }
}
