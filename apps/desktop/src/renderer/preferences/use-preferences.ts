import type { WorkspaceId } from '@parley/sync/model';
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from '../engine/use-query.ts';
import { keepAppearance, recalled } from './appearance.ts';
import { DEFAULTS, type Preferences, readPreferences } from './preferences.ts';

/** What the person set, and the defaults until that is known. */
export function usePreferences(ws: WorkspaceId): Preferences {
  const stored = useQuery('prefs', { ws });
  return useMemo(() => (stored ? readPreferences(stored) : DEFAULTS), [stored]);
}

/** Keeps the window in the looks the person set, and answers the clock in use: what shows times is drawn anew with it. */
export function useAppearance(ws: WorkspaceId): Preferences['clock'] {
  const stored = useQuery('prefs', { ws });
  const [clock, setClock] = useState(() => recalled().clock);
  useEffect(() => {
    if (!stored) return;
    const preferences = readPreferences(stored);
    keepAppearance(preferences);
    setClock(preferences.clock);
  }, [stored]);
  return clock;
}
