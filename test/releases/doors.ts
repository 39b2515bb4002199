import type { relayCommand, startRelay } from '@parley/relay';
import type { openEngine, relayTransport } from '@parley/sync/engine';

/** What a release's bundle of the engine exports, as far as fixtures and tests use it. */
export interface EngineDoor {
  readonly openEngine: typeof openEngine;
  readonly relayTransport: typeof relayTransport;
}

/** What a release's bundle of the relay exports, as far as fixtures and tests use it. */
export interface RelayDoor {
  readonly startRelay: typeof startRelay;
  readonly relayCommand: typeof relayCommand;
}

/** Sign-ins of the people in a fixture. The passwords guard nothing: the fixture is all they open. */
export const PASSWORD = 'a password of the fixture';
export const emailOf = (name: string): string => `${name}@example.test`;
