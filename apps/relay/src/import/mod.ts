export type { ImportRemark, ImportReport } from './import-report.ts';
export { type ImportOptions, type ImportProgressEvent, importSlack } from './import-slack.ts';
export { ImportInterrupted } from './op-batch.ts';
export type { ImportRoom, ProvisionOp, ProvisionVerdict } from './provisioning.ts';
export { ExportError, type ExportErrorKind } from './slack/export-error.ts';
