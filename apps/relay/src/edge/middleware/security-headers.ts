import type { MiddlewareHandler } from 'hono';

export interface SecurityHeadersOptions {
  /** Whether people reach this relay over TLS, which browsers are then told to insist on. */
  readonly https: boolean;
}

/** Answers are data for programs: no page, no frame, no script, no copy on the way. */
export const securityHeaders = ({ https }: SecurityHeadersOptions): MiddlewareHandler =>
  async function securityHeaders(c, next) {
    await next();
    const { headers } = c.res;
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    headers.set('X-Content-Type-Options', 'nosniff');
    headers.set('Referrer-Policy', 'no-referrer');
    headers.set('Cross-Origin-Resource-Policy', 'same-origin');
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
    if (https) headers.set('Strict-Transport-Security', 'max-age=31536000');
  };
