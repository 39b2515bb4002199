export { MIGRATIONS, type Migration, migrate } from './migrations.ts';
export { openWorkspaceFile, projectionOf } from './workspace-file.ts';
