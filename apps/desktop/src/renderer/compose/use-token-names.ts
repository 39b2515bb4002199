import type { WorkspaceId } from '@parley/sync/model';
import { parseMentions } from '@parley/sync/text';
import { useEffect, useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';

export interface TokenNames {
  readonly users: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

const NONE: TokenNames = { users: {}, channels: {} };

/** Names for the mentions in a draft; null until they are known, so that a field never shows an id. */
export function useTokenNames(ws: WorkspaceId, text: string | undefined): TokenNames | null {
  const engine = useEngine();
  const [found, setFound] = useState<{ readonly text: string; readonly names: TokenNames } | null>(null);
  const { users, channels } = parseMentions(text ?? '');
  const plain = users.size === 0 && channels.size === 0;

  useEffect(() => {
    if (text === undefined || plain) return;
    let current = true;
    const mentions = parseMentions(text);
    const people = [...mentions.users].map(
      async (user) => [user, (await engine.once('person', { ws, user }))?.name] as const,
    );
    const places = [...mentions.channels].map(
      async (ch) => [ch, (await engine.once('channel', { ws, ch }))?.name] as const,
    );
    Promise.all([Promise.all(people), Promise.all(places)]).then(
      ([named, placed]) => {
        if (current) setFound({ text, names: { users: known(named), channels: known(placed) } });
      },
      () => current && setFound({ text, names: NONE }),
    );
    return () => {
      current = false;
    };
  }, [engine, ws, text, plain]);

  if (text === undefined) return null;
  if (plain) return NONE;
  return found?.text === text ? found.names : null;
}

const known = (pairs: readonly (readonly [string, string | undefined])[]): Record<string, string> =>
  Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
