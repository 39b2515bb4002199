export { type Assets, openAssets } from './assets.ts';
export { contentSecurityPolicy, securityHeaders } from './csp.ts';
