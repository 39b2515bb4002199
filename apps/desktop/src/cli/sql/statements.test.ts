import { describe, expect, it } from 'vitest';
import { splitStatements, statementProblem } from './statements.ts';

describe('where statements end', () => {
  it.each([
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2'], ''],
    ["SELECT ';' ; SELECT 2", ["SELECT ';'"], ' SELECT 2'],
    [`SELECT 'it''s;' AS "a;b", [c;d], \`e;f\`;`, [`SELECT 'it''s;' AS "a;b", [c;d], \`e;f\``], ''],
    ['SELECT 1 -- not; here\n;', ['SELECT 1 -- not; here'], ''],
    ['SELECT /* not; here */ 1;', ['SELECT /* not; here */ 1'], ''],
    [';;  ;', [], ''],
    ['-- only a remark;\n', [], ''],
    ['/* only; a remark */ ;', [], ''],
    ["SELECT 'open; SELECT 2;", [], "SELECT 'open; SELECT 2;"],
    ['SELECT 1; SELECT "open;', ['SELECT 1'], ' SELECT "open;'],
    ['SELECT 1 /* open;', [], 'SELECT 1 /* open;'],
  ])('is known in %j', (text, statements, rest) => {
    expect(splitStatements(text)).toEqual({ statements, rest });
  });
});

describe('what is not run', () => {
  it.each([
    'SELECT 1',
    ' -- why\n select 1',
    '/* ; */ WITH a AS (SELECT 1) SELECT * FROM a',
    'VALUES (1)',
    '(SELECT 1)',
    'EXPLAIN SELECT 1',
    'explain query plan select 1',
  ])('is not %j', (sql) => {
    expect(statementProblem(sql)).toBeNull();
  });

  it.each([
    '',
    '-- SELECT 1',
    'INSERT INTO messages DEFAULT VALUES',
    'PRAGMA journal_mode = DELETE',
    '/* SELECT */ PRAGMA user_version = 3',
    "EXPLAIN PRAGMA temp_store_directory = '/tmp'",
    'EXPLAIN QUERY PLAN DELETE FROM message',
    "ATTACH 'x.db' AS x",
    "VACUUM INTO 'x.db'",
    'BEGIN',
    'SELECTED',
    '\ufeffPRAGMA user_version = 3',
  ])('is %j', (sql) => {
    expect(statementProblem(sql)).toMatch(/only reads/);
  });
});
