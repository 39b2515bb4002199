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
  | { readonly is: 'live' };

export type ConnectionEvent =
  | { readonly on: 'start'; readonly hasCursor: boolean }
  | { readonly on: 'stop' }
  | { readonly on: 'timer'; readonly hasCursor: boolean }
  | { readonly on: 'bootstrapped' }
  | { readonly on: 'opened' }
  | { readonly on: 'welcomed' }
  | { readonly on: 'bye'; readonly code: ByeCode; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly on: 'failed'; readonly detail: string };

/** What the driver is to do about it. */
export type ConnectionEffect =
  | { readonly do: 'bootstrap' }
  | { readonly do: 'connect' }
  | { readonly do: 'greet' }
  | { readonly do: 'disconnect' }
  | { readonly do: 'wait'; readonly attempt: number; readonly atLeastMs: number }
  | { readonly do: 'forget-cursor' }
  | { readonly do: 'renew-device' };

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
      return state.is === 'waiting' ? begin(state.attempt, event.hasCursor) : stay;
    case 'bootstrapped':
      return state.is === 'bootstrapping' ? begin(state.attempt, true) : stay;
    case 'opened':
      return state.is === 'connecting'
        ? { state: { is: 'greeting', attempt: state.attempt }, effects: [{ do: 'greet' }] }
        : stay;
    case 'welcomed':
      return state.is === 'greeting' ? { state: { is: 'live' }, effects: [] } : stay;
    case 'failed':
      return state.is === 'stopped' || state.is === 'refused' || state.is === 'waiting'
        ? stay
        : retry(state, event.detail);
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
