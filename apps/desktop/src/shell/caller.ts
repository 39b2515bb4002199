/**
 * Whether a request was made to us by our own page. A name of another site that resolves to this machine shows in Host
 * (DNS rebinding); another page that talks to us shows in Origin. Answers why not, or null.
 */
export function callerProblem(request: {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly mustHaveOrigin: boolean;
  readonly port: number;
}): string | null {
  const hosts = [`127.0.0.1:${request.port}`, `localhost:${request.port}`];
  if (!request.host || !hosts.includes(request.host)) return `Parley answers at ${hosts[0]} only.`;
  if (request.origin === undefined) return request.mustHaveOrigin ? 'Parley answers its own page only.' : null;
  return request.origin === `http://${request.host}` ? null : 'Parley answers its own page only.';
}
