import { setClock } from '@parley/ui';
import { DEFAULTS, type Preferences, readPreferences } from './preferences.ts';

/** The last looks of this window, so that it opens in them before the engine answers. */
const KEPT = 'parley.appearance';
const contrast = window.matchMedia('(prefers-contrast: more)');

/** Makes the window look as the person set it. */
function applyAppearance({ theme, contrast: wanted, density, clock }: Preferences): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  if (wanted === 'more' || contrast.matches) dataset.contrast = 'more';
  else delete dataset.contrast;
  dataset.density = density;
  setClock(clock === 'language' ? null : clock === '12' ? 12 : 24);
}

export function keepAppearance(preferences: Preferences): void {
  applyAppearance(preferences);
  const kept = Object.fromEntries(Object.entries(preferences).map(([name, value]) => [name, JSON.stringify(value)]));
  window.localStorage.setItem(KEPT, JSON.stringify(kept));
}

/** Looks as the window did when it was last open. */
export function recallAppearance(): void {
  applyAppearance(recalled());
}

/** How the window was set when it was last open. */
export function recalled(): Preferences {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(KEPT) ?? '{}');
    return readPreferences(kept !== null && typeof kept === 'object' ? { ...kept } : {});
  } catch {
    return DEFAULTS;
  }
}
