import { sql as accounts } from './0001-accounts.ts';

/** In order; a step that has shipped is never changed, only followed. */
export const MIGRATIONS: readonly string[] = [accounts];
