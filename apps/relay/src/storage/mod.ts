export { openWorkspaceFile, projectionOf } from './workspace-file.ts';
