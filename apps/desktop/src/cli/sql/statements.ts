/** Quotes, comments, and what ends a statement: all there is to tell where one begins and ends. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|;|['"`[]/g;

const isComment = (token: string): boolean => token.startsWith('--') || token.startsWith('/*');
const isOpen = (token: string): boolean =>
  token.length === 1 ? `'"\`[`.includes(token) : token.startsWith('/*') && !(token.length > 3 && token.endsWith('*/'));

/** Statements that are whole, and what comes behind the last of them. */
export interface Split {
  readonly statements: readonly string[];
  readonly rest: string;
}

/** Cuts a text at the semicolons that end statements. Empty statements are left out. */
export function splitStatements(text: string): Split {
  const statements: string[] = [];
  let from = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    // Something that is still open takes the rest of the text with it.
    if (isOpen(token)) return { statements, rest: text.slice(from) };
    if (token !== ';') continue;
    const statement = text.slice(from, index).trim();
    if (!isEmpty(statement)) statements.push(statement);
    from = index + 1;
  }
  const rest = text.slice(from);
  return { statements, rest: isEmpty(rest) ? '' : rest };
}

const withoutComments = (text: string): string => text.replace(TOKEN, (token) => (isComment(token) ? ' ' : token));
const isEmpty = (text: string): boolean => withoutComments(text).trim() === '';

/** What only answers. Everything else SQLite has writes, opens files or changes the connection. */
const READING = new Set(['SELECT', 'WITH', 'VALUES']);

/**
 * Why a statement is not run, or null. Asked before SQLite sees it: some pragmas act as soon as they are read, and a
 * copy by VACUUM INTO is written from a database that is open for reading alone. What passes is prepared, and then has
 * to answer with rows and to leave every database as it is, in SQLite's own judgement.
 */
export function statementProblem(sql: string): string | null {
  const words = withoutComments(sql)
    .trimStart()
    .match(/^(?:EXPLAIN\b\s*(?:QUERY\s+PLAN\b\s*)?)?\(*\s*([A-Za-z]+)/i);
  const first = words?.[1]?.toUpperCase();
  if (first !== undefined && READING.has(first)) return null;
  return 'The console only reads: a statement begins with SELECT, WITH, VALUES or EXPLAIN.';
}
