export { MIGRATIONS, type Migration, migrate } from './migrations.ts';
export { openLibsql, openWorkspaceFile, projectionOf } from './workspace-file.ts';
