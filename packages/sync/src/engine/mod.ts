export { CommandError, clientOf } from './client.ts';
export { Engine, type EngineOptions, openEngine } from './engine.ts';
export { openDatabase, replicaFile } from './home.ts';
export { HomeLockedError } from './home-lock.ts';
export type { EngineClient, FromEngine, ListPatch, Patch, Port, ToEngine } from './port.ts';
export { portPair } from './port-pair.ts';
export { relayTransport } from './relay-transport.ts';
export type { BootstrapHandlers, RelayWire, RelayWireHandlers, Transport } from './transport.ts';
export { Workspace, type WorkspaceDeps, type WorkspaceIdentity } from './workspace.ts';
