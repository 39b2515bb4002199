import { protocol, type Session } from 'electron';
import { type Assets, contentSecurityPolicy, securityHeaders } from '../assets/mod.ts';
import { isOurs, SCHEME } from './origin.ts';

/** Has to run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built renderer to windows of `session`, and nothing else: the page has no business on the network. */
export function servePage(session: Session, assets: Assets): void {
  const plain = { ...securityHeaders(), 'content-type': 'text/plain; charset=utf-8' };
  session.protocol.handle(SCHEME, async (request) => {
    if (!isOurs(request.url) || request.method !== 'GET')
      return new Response('Refused.', { status: 403, headers: plain });
    const asset = await assets.at(new URL(request.url).pathname);
    if (!asset) return new Response('There is nothing at this address.', { status: 404, headers: plain });
    return new Response(asset.body, {
      headers: { ...securityHeaders(), 'content-type': asset.type, 'cache-control': asset.cacheControl },
    });
  });

  const local = new Set([`${SCHEME}:`, 'data:', 'blob:', 'devtools:']);
  session.webRequest.onBeforeRequest((details, answer) =>
    answer({ cancel: !local.has(new URL(details.url).protocol) }),
  );
  session.webRequest.onHeadersReceived((details, answer) =>
    answer({ responseHeaders: { ...details.responseHeaders, 'content-security-policy': [contentSecurityPolicy()] } }),
  );
}
