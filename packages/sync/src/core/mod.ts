export { apply } from './apply/mod.ts';
export * from './can-see.ts';
export { type DecideContext, type Decision, decide, type FactDraft } from './decide/mod.ts';
export { settingsOf } from './decide/messages.ts';
export * from './message-json.ts';
export * from './view.ts';
