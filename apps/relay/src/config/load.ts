import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { compileCheck } from '@parley/sync/model';
import { Config, type ConfigLayer, DEFAULTS } from './config.ts';
import { environmentLayer, variableOf } from './environment.ts';

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problem: string };

const check = compileCheck<Config>(Config);

const isRange = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
};

/**
 * The settings of this process: defaults, then the environment, then flags. A settings file, once there is one, becomes
 * one more layer between the defaults and the environment.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  flags: ConfigLayer | Record<string, unknown> = {},
): ConfigResult {
  const merged: Record<string, unknown> = { ...DEFAULTS };
  const limits: Record<string, unknown> = { ...DEFAULTS.limits };
  for (const layer of [environmentLayer(env), flags as Record<string, unknown>]) {
    const { limits: layered, ...rest } = layer;
    for (const [key, value] of Object.entries(rest)) if (value !== undefined) merged[key] = value;
    Object.assign(limits, layered);
  }
  // The way browsers copy an origin.
  if (typeof merged.publicUrl === 'string') merged.publicUrl = merged.publicUrl.replace(/\/$/, '');
  const candidate = { ...merged, limits };
  if (!check(candidate)) {
    const problem = check.problem(candidate);
    const variable = variableOf(problem.slice(0, problem.indexOf(':')));
    return { ok: false, problem: `bad setting ${problem}${variable ? ` (a flag, or ${variable})` : ''}` };
  }
  const range = candidate.trustProxy.find((item) => !isRange(item));
  if (range !== undefined)
    return {
      ok: false,
      problem: `bad setting /trustProxy: "${range}" is no address or CIDR range (PARLEY_TRUST_PROXY)`,
    };
  return { ok: true, config: { ...candidate, data: resolve(candidate.data) } };
}
