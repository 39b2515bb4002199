import { CommandError } from '@parley/sync/client';
import type { CommandName, Commands } from '@parley/sync/model';
import { t } from '@parley/ui';
import { useCallback } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { view } from './view-store.ts';

/** What to tell the person of a command that was not carried out. */
export const reasonOf = (error: unknown): string =>
  error instanceof CommandError ? error.failure.detail : error instanceof Error ? error.message : String(error);

/** Has something done; a refusal is shown as a notice and answered with null. */
export function useCommand(): <C extends CommandName>(
  command: C,
  args: Commands[C]['args'],
) => Promise<Commands[C]['result'] | null> {
  const engine = useEngine();
  return useCallback(
    async (command, args) => {
      try {
        return await engine.call(command, args);
      } catch (error) {
        view.notice(t('error.command', { reason: reasonOf(error) }));
        return null;
      }
    },
    [engine],
  );
}
