import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const configOf = (env: Record<string, string>, flags = {}) => {
  const result = loadConfig(env, flags);
  if (!result.ok) throw new Error(result.problem);
  return result.config;
};

describe('settings', () => {
  it('are the defaults where nothing is said', () => {
    const config = configOf({});
    expect(config.host).toBe('127.0.0.1');
    expect(config.data).toBe(resolve('./parley-data'));
    expect(config.trustProxy).toEqual([]);
  });

  it('come from the environment, and from flags before the environment', () => {
    const env = {
      PARLEY_PORT: '9000',
      PARLEY_HOST: '::1',
      PARLEY_TRUST_PROXY: '127.0.0.1, 10.0.0.0/8',
      PARLEY_LIMIT_BOOTSTRAPS: '3',
    };
    const config = configOf(env, { port: 0, limits: { socketsPerAccount: 7 } });
    expect(config).toMatchObject({ port: 0, host: '::1', trustProxy: ['127.0.0.1', '10.0.0.0/8'] });
    expect(config.limits).toMatchObject({ bootstraps: 3, socketsPerAccount: 7, socketsPerAddress: 1_000 });
  });

  it('take a public URL with the slash browsers put behind it', () => {
    expect(configOf({ PARLEY_PUBLIC_URL: 'https://chat.example.org/' }).publicUrl).toBe('https://chat.example.org');
  });

  it('treat an empty variable as unset', () => {
    expect(configOf({ PARLEY_HOST: '' }).host).toBe('127.0.0.1');
  });

  it.each([
    [{ PARLEY_PORT: 'http' }, /\/port.*PARLEY_PORT/],
    [{ PARLEY_PORT: '70000' }, /\/port/],
    [{ PARLEY_LOG_LEVEL: 'loud' }, /\/logLevel.*PARLEY_LOG_LEVEL/],
    [{ PARLEY_PUBLIC_URL: 'chat.example.org' }, /\/publicUrl/],
    [{ PARLEY_METRICS_TOKEN: 'short' }, /\/metricsToken/],
    [{ PARLEY_REPLICAS: 'tiny' }, /\/replicas.*PARLEY_REPLICAS/],
    [{ PARLEY_LIMIT_BOOTSTRAPS: '0' }, /\/limits\/bootstraps.*PARLEY_LIMIT_BOOTSTRAPS/],
    [{ PARLEY_TRUST_PROXY: 'proxy.local' }, /trustProxy.*proxy\.local/],
    [{ PARLEY_TRUST_PROXY: '10.0.0.0/33' }, /trustProxy/],
  ])('%o are refused by name', (env, expected) => {
    const result = loadConfig(env);
    expect(result).toMatchObject({ ok: false, problem: expect.stringMatching(expected) });
  });

  it('refuse a flag nobody knows', () => {
    expect(loadConfig({}, { colour: 'red' })).toMatchObject({ ok: false });
  });
});
