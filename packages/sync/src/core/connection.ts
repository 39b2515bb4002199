import type { ByeCode } from '../model/mod.ts';

/** Where a workspace's connection stands. A state holds only what is true in it. */
export type ConnectionState =
  | { readonly is: 'stopped' }
  /** The relay will not have this device until the person acts. */
  | { readonly is: 'refused'; readonly code: ByeCode; readonly detail: string }
  | { readonly is: 'waiting'; readonly attempt: number; readonly detail: string }
  | { readonly is: 'bootstrapping'; readonly attempt: number }
  | { readonly is: 'connecting'; readonly attempt: number }
  /** The socket is open and `hello` is sent. */
  | { readonly is: 'greeting'; readonly attempt: number }
  /** The relay has another history: how far the two agree is found out, and what it lost is given back. */
  | { readonly is: 'reconciling'; readonly attempt: number }
  | { readonly is: 'live' };

export type ConnectionEvent =
  | { readonly on: 'start'; readonly hasCursor: boolean }
  | { readonly on: 'stop' }
  | { readonly on: 'timer'; readonly hasCursor: boolean }
  | { readonly on: 'bootstrapped' }
  | { readonly on: 'opened' }
  /** `forked`: what is held here belongs to another history. */
  | { readonly on: 'welcomed'; readonly forked: boolean }
  /** What is held here is part of the relay’s history again. */
  | { readonly on: 'reconciled' }
  /** The relay knows no version as new as the one that was spoken; there is an older one to try. */
  | { readonly on: 'too-new' }
  | { readonly on: 'bye'; readonly code: ByeCode; readonly detail: string; readonly retryAfterMs?: number }
  /** `retryAfterMs`: nothing is to be gained by trying earlier. */
  | { readonly on: 'failed'; readonly detail: string; readonly retryAfterMs?: number };

/** What the driver is to do about it. */
export type ConnectionEffect =
  | { readonly do: 'bootstrap' }
  | { readonly do: 'connect' }
  | { readonly do: 'greet' }
  | { readonly do: 'disconnect' }
  | { readonly do: 'wait'; readonly attempt: number; readonly atLeastMs: number }
  | { readonly do: 'forget-cursor' }
  | { readonly do: 'renew-device' };

/** A relay whose log has gone backwards is asked again after this long: putting it right takes a person. */
const LOG_BEHIND_MS = 5 * 60_000;

export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

const attemptOf = (state: ConnectionState): number => ('attempt' in state ? state.attempt : 0);

const begin = (attempt: number, hasCursor: boolean): ConnectionStep =>
  hasCursor
    ? { state: { is: 'connecting', attempt }, effects: [{ do: 'connect' }] }
    : { state: { is: 'bootstrapping', attempt }, effects: [{ do: 'bootstrap' }] };

function retry(
  state: ConnectionState,
  detail: string,
  atLeastMs = 0,
  before: readonly ConnectionEffect[] = [],
): ConnectionStep {
  const attempt = attemptOf(state) + 1;
  return {
    state: { is: 'waiting', attempt, detail },
    effects: [{ do: 'disconnect' }, ...before, { do: 'wait', attempt, atLeastMs }],
  };
}

/** The next state of a connection, and what has to be done to get there. Pure: the driver owns sockets and timers. */
export function connectionStep(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  const stay: ConnectionStep = { state, effects: [] };
  switch (event.on) {
    case 'stop':
      return { state: { is: 'stopped' }, effects: [{ do: 'disconnect' }] };
    case 'start':
      return state.is === 'stopped' || state.is === 'refused' || state.is === 'waiting'
        ? begin(0, event.hasCursor)
        : stay;
    case 'timer':
      if (state.is === 'waiting') return begin(state.attempt, event.hasCursor);
      // Somebody may have put right what was wrong.
      return state.is === 'refused' && state.code === 'log_behind' ? begin(0, event.hasCursor) : stay;
    case 'bootstrapped':
      return state.is === 'bootstrapping' ? begin(state.attempt, true) : stay;
    case 'opened':
      return state.is === 'connecting'
        ? { state: { is: 'greeting', attempt: state.attempt }, effects: [{ do: 'greet' }] }
        : stay;
    case 'welcomed':
      if (state.is !== 'greeting') return stay;
      return { state: event.forked ? { is: 'reconciling', attempt: state.attempt } : { is: 'live' }, effects: [] };
    case 'reconciled':
      // It goes on as after any other absence: what came meanwhile was not for the former history.
      return state.is === 'reconciling'
        ? { state: { is: 'connecting', attempt: state.attempt }, effects: [{ do: 'disconnect' }, { do: 'connect' }] }
        : stay;
    case 'too-new':
      return state.is === 'greeting'
        ? { state: { is: 'connecting', attempt: state.attempt }, effects: [{ do: 'disconnect' }, { do: 'connect' }] }
        : stay;
    case 'failed':
      return state.is === 'stopped' || state.is === 'refused' || state.is === 'waiting'
        ? stay
        : retry(state, event.detail, event.retryAfterMs ?? 0);
    case 'bye':
      return state.is === 'stopped' || state.is === 'refused' ? stay : onBye(state, event);
  }
}

function onBye(state: ConnectionState, bye: ConnectionEvent & { on: 'bye' }): ConnectionStep {
  switch (bye.code) {
    case 'unauthenticated':
    case 'not_in_workspace':
    case 'version':
      return { state: { is: 'refused', code: bye.code, detail: bye.detail }, effects: [{ do: 'disconnect' }] };
    case 'log_behind':
      // Beginning anew would throw away the only copy there may be of what the relay has lost.
      return {
        state: { is: 'refused', code: bye.code, detail: bye.detail },
        effects: [{ do: 'disconnect' }, { do: 'wait', attempt: 1, atLeastMs: LOG_BEHIND_MS }],
      };
    case 'bootstrap_required':
    case 'bad_cursor':
      return retry(state, bye.detail, 0, [{ do: 'forget-cursor' }]);
    case 'device_cloned':
      return retry(state, bye.detail, 0, [{ do: 'renew-device' }]);
    default:
      // Every other goodbye, also of a kind this build has not heard of, is answered by coming back later.
      return retry(state, bye.detail, bye.retryAfterMs ?? 0);
  }
}
