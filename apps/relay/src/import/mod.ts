export type { ImportReport } from './import-report.ts';
export { importSlack } from './import-slack.ts';
export { ImportInterrupted } from './op-batch.ts';
export { ExportError } from './slack/export-error.ts';
