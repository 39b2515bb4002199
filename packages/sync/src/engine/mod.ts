export type { EngineClient, FromEngine, ListPatch, Patch, Port, ToEngine } from './port.ts';
