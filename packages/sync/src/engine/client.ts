import type { CommandFailure, Queries, QueryName } from '../model/mod.ts';
import { applyPatch } from './patch.ts';
import type { EngineClient, FromEngine, Port } from './port.ts';

/** A command the engine would not carry out: `failure` says why, in words for the person. */
export class CommandError extends Error {
  readonly failure: CommandFailure;
  constructor(failure: CommandFailure) {
    super(failure.detail);
    this.name = 'CommandError';
    this.failure = failure;
  }
}

interface Watch {
  value: unknown;
  listener(result: unknown): void;
  failed(error: CommandError): void;
}

/** The window's end of a port. */
export function clientOf(port: Port): EngineClient {
  let lastId = 0;
  const calls = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  const watches = new Map<number, Watch>();

  port.onMessage((message: FromEngine) => {
    const call = calls.get(message.id);
    if (call) {
      calls.delete(message.id);
      if ('failed' in message) call.reject(new CommandError(message.failed));
      else if ('ok' in message) call.resolve(message.ok as never);
      return;
    }
    const watch = watches.get(message.id);
    if (!watch) return;
    if ('failed' in message) return watch.failed(new CommandError(message.failed));
    if ('value' in message) watch.value = message.value;
    else if ('patch' in message) watch.value = applyPatch(watch.value, message.patch);
    else return;
    watch.listener(watch.value);
  });
  port.onClose(() => {
    const gone = new CommandError({
      code: 'unreachable',
      detail: 'Parley’s engine stopped; it is being started again.',
    });
    for (const call of calls.values()) call.reject(gone);
    for (const watch of watches.values()) watch.failed(gone);
    calls.clear();
  });

  function watch<Q extends QueryName>(
    query: Q,
    params: Queries[Q]['params'],
    listener: (result: Queries[Q]['result']) => void,
    failed: Watch['failed'] = () => {},
  ): () => void {
    const id = ++lastId;
    watches.set(id, { value: undefined, listener: listener as Watch['listener'], failed });
    port.post({ id, watch: query, params });
    return () => {
      if (watches.delete(id)) port.post({ id, unwatch: true });
    };
  }

  return {
    call: (command, args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        calls.set(id, { resolve, reject });
        port.post({ id, call: command, args });
      }),
    watch: (query, params, listener) => watch(query, params, listener),
    once: (query, params) =>
      new Promise((resolve, reject) => {
        const stop = watch(
          query,
          params,
          (result) => {
            queueMicrotask(() => stop());
            resolve(result);
          },
          reject,
        );
      }),
  };
}
