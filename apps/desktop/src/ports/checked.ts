import type { FromEngine, Port, ToEngine } from '@parley/sync/engine';
import { compileCheck } from '@parley/sync/model';
import Type from 'typebox';
import { MAX_DEPTH, MAX_TO_ENGINE_BYTES } from './limits.ts';

const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Longer than any command or query is named. */
const Name = Type.String({ minLength: 1, maxLength: 64 });
/** The outer shape; what a command or a query takes is checked by the engine, which knows them. */
const ToEngineShape = Type.Union([
  Type.Object({ id: Id, call: Name, args: Type.Unknown() }, { additionalProperties: false }),
  Type.Object({ id: Id, watch: Name, params: Type.Unknown() }, { additionalProperties: false }),
  Type.Object({ id: Id, unwatch: Type.Literal(true) }, { additionalProperties: false }),
]);
const isToEngine = compileCheck<ToEngine>(ToEngineShape);

/**
 * Whether `value` is plain data of at most `budget` bytes, counted cheaply and no further than the limit. A message port
 * carries whatever can be cloned (typed arrays, maps, cycles) at any size; sockets have been limited before.
 */
export function isPlainAndSmall(value: unknown, budget: number): boolean {
  let left = budget;
  const spend = (size: number): boolean => {
    left -= size;
    return left >= 0;
  };
  const fits = (at: unknown, depth: number): boolean => {
    if (!spend(8) || depth > MAX_DEPTH) return false;
    if (typeof at === 'string') return spend(at.length);
    if (typeof at === 'number' || typeof at === 'boolean' || at === null || at === undefined) return true;
    if (typeof at !== 'object') return false;
    if (Array.isArray(at)) return at.every((item) => fits(item, depth + 1));
    const proto: unknown = Object.getPrototypeOf(at);
    if (proto !== Object.prototype && proto !== null) return false;
    return Object.entries(at).every(([key, item]) => spend(key.length) && fits(item, depth + 1));
  };
  return fits(value, 0);
}

function idOf(message: unknown): number | null {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

function problemOf(message: unknown): string | null {
  if (!isPlainAndSmall(message, MAX_TO_ENGINE_BYTES)) return 'the message is too large or not plain data';
  return isToEngine(message) ? null : `not a question to the engine: ${isToEngine.problem(message)}`;
}

/**
 * The engine's side of a door to the outside: only well-formed, bounded questions pass. Others are answered
 * `bad_request` where they carry an id and end the connection where they don't, for nobody could match the answer.
 */
export function checkedPort(outer: Port): Port {
  return {
    post: (message) => outer.post(message),
    onMessage(listener) {
      outer.onMessage((message: unknown) => {
        const problem = problemOf(message);
        if (!problem) return listener(message as never);
        const id = idOf(message);
        if (id === null) return outer.close();
        const answer: FromEngine = { id, failed: { code: 'bad_request', detail: problem } };
        outer.post(answer);
      });
    },
    onClose: (listener) => outer.onClose(listener),
    close: () => outer.close(),
  };
}
