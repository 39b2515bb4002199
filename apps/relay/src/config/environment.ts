import type { Config, LimitsConfig } from './config.ts';

type Parse = (text: string) => unknown;

const text: Parse = (value) => value;
/** Not a number stays as it was written, so that the schema's complaint quotes it. */
const number: Parse = (value) => (/^-?\d+$/.test(value) ? Number(value) : value);
const list: Parse = (value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const VARIABLES: Readonly<Record<string, { readonly key: Exclude<keyof Config, 'limits'>; readonly parse: Parse }>> = {
  PARLEY_DATA: { key: 'data', parse: text },
  PARLEY_HOST: { key: 'host', parse: text },
  PARLEY_PORT: { key: 'port', parse: number },
  PARLEY_PUBLIC_URL: { key: 'publicUrl', parse: text },
  PARLEY_KEY_FILE: { key: 'keyFile', parse: text },
  PARLEY_LOG_LEVEL: { key: 'logLevel', parse: text },
  PARLEY_TRUST_PROXY: { key: 'trustProxy', parse: list },
  PARLEY_ALLOWED_ORIGINS: { key: 'allowedOrigins', parse: list },
  PARLEY_METRICS_TOKEN: { key: 'metricsToken', parse: text },
  PARLEY_SEGMENTS_FROM: { key: 'segmentsFrom', parse: number },
  PARLEY_REPLICAS: { key: 'replicas', parse: text },
};

const LIMIT_VARIABLES: Readonly<Record<string, keyof LimitsConfig>> = {
  PARLEY_LIMIT_SOCKETS_PER_ADDRESS: 'socketsPerAddress',
  PARLEY_LIMIT_SOCKETS_PER_ACCOUNT: 'socketsPerAccount',
  PARLEY_LIMIT_REQUESTS_PER_MINUTE: 'requestsPerMinute',
  PARLEY_LIMIT_BOOTSTRAPS: 'bootstraps',
};

/** What the environment says, unchecked. An empty variable counts as unset, as shells and unit files leave them. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const layer: Record<string, unknown> = {};
  for (const [name, { key, parse }] of Object.entries(VARIABLES)) {
    const value = env[name];
    if (value !== undefined && value !== '') layer[key] = parse(value);
  }
  const limits: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(LIMIT_VARIABLES)) {
    const value = env[name];
    if (value !== undefined && value !== '') limits[key] = number(value);
  }
  return Object.keys(limits).length > 0 ? { ...layer, limits } : layer;
}

/** The variable that sets a setting, to name it where its value is wrong. */
export function variableOf(path: string): string | null {
  const [, key, limit] = path.split('/');
  const found =
    key === 'limits'
      ? Object.entries(LIMIT_VARIABLES).find(([, name]) => name === limit)?.[0]
      : Object.entries(VARIABLES).find(([, variable]) => variable.key === key)?.[0];
  return found ?? null;
}
