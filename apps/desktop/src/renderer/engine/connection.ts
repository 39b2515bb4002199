import { CommandError, clientOf } from '@parley/sync/client';
import type { CommandName, Commands, Queries, QueryName } from '@parley/sync/model';
import type { EngineClient, PortSource } from './port-types.ts';

/** `opening` before the first port, `away` while the engine is being started again. */
export type ConnectionStatus = 'opening' | 'open' | 'away';

/** A client that outlives its port: what is watched is asked anew when the engine comes back. */
export interface Engine extends EngineClient {
  status(): ConnectionStatus;
  onStatus(listener: () => void): () => void;
}

/** A command waits this long for an engine that is starting before it is given back to the person. */
const CALL_WAITS_MS = 10_000;

interface Watch {
  begin(client: EngineClient): () => void;
  stop: (() => void) | null;
}

export function connect(source: PortSource): Engine {
  let client: EngineClient | null = null;
  let status: ConnectionStatus = 'opening';
  const watches = new Set<Watch>();
  const statusListeners = new Set<() => void>();
  let waiting: ((client: EngineClient) => void)[] = [];

  function become(next: ConnectionStatus): void {
    if (status === next) return;
    status = next;
    for (const listener of statusListeners) listener();
  }

  source.start((port) => {
    const opened = clientOf(port);
    client = opened;
    port.onClose(() => {
      // A newer port may already have taken over.
      if (client !== opened) return;
      client = null;
      for (const watch of watches) watch.stop = null;
      become('away');
    });
    for (const watch of watches) watch.stop = watch.begin(opened);
    const calls = waiting;
    waiting = [];
    for (const call of calls) call(opened);
    become('open');
  });

  const ready = (): Promise<EngineClient> =>
    client
      ? Promise.resolve(client)
      : new Promise((resolve, reject) => {
          const give = (opened: EngineClient) => {
            clearTimeout(timer);
            resolve(opened);
          };
          const timer = setTimeout(() => {
            waiting = waiting.filter((call) => call !== give);
            reject(new CommandError({ code: 'unreachable', detail: 'Parley’s engine can’t be reached.' }));
          }, CALL_WAITS_MS);
          waiting.push(give);
        });

  function watch<Q extends QueryName>(
    query: Q,
    params: Queries[Q]['params'],
    listener: (result: Queries[Q]['result']) => void,
  ): () => void {
    const entry: Watch = { begin: (opened) => opened.watch(query, params, listener), stop: null };
    watches.add(entry);
    if (client) entry.stop = entry.begin(client);
    return () => {
      watches.delete(entry);
      entry.stop?.();
    };
  }

  return {
    watch,
    async call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Commands[C]['result']> {
      return (await ready()).call(command, args);
    },
    async once<Q extends QueryName>(query: Q, params: Queries[Q]['params']): Promise<Queries[Q]['result']> {
      return (await ready()).once(query, params);
    },
    status: () => status,
    onStatus(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
  };
}
