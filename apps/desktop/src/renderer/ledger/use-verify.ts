import type { VerifyView, WorkspaceId } from '@parley/sync/model';
import { useCallback, useState } from 'react';
import { useCommand } from '../state/use-command.ts';

/** A comparison with the relay, as far as it has come. */
export type Verification =
  | { readonly is: 'none' }
  | { readonly is: 'running' }
  | { readonly is: 'done'; readonly found: VerifyView; readonly at: number };

export function useVerify(ws: WorkspaceId): { readonly verification: Verification; run(): void } {
  const command = useCommand();
  const [verification, setVerification] = useState<Verification>({ is: 'none' });
  const run = useCallback(async () => {
    setVerification({ is: 'running' });
    const found = await command('sync.verify', { ws });
    setVerification(found ? { is: 'done', found, at: Date.now() } : { is: 'none' });
  }, [command, ws]);
  return { verification, run: () => void run() };
}
