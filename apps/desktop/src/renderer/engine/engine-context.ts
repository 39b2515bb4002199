import { must } from '@parley/sync/text';
import { createContext, use, useSyncExternalStore } from 'react';
import type { ConnectionStatus, Engine } from './connection.ts';

export const EngineContext = createContext<Engine | null>(null);

export const useEngine = (): Engine => must(use(EngineContext), 'the tree stands below an engine');

export function useConnectionStatus(): ConnectionStatus {
  const engine = useEngine();
  return useSyncExternalStore(engine.onStatus, engine.status);
}
