import { type SqlDatabase, selectOne, transact } from '@parley/sync/replica';

/**
 * Words of people's names, handles and addresses, folded as message search folds them. Kept by triggers, so that no way
 * of writing a person can forget them.
 */
const INDEX = `
  DROP TABLE IF EXISTS user_words;
  CREATE VIRTUAL TABLE user_words USING fts5 (name, handle, email, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
  INSERT INTO user_words (rowid, name, handle, email) SELECT rowid, name, handle, ifnull(email, '') FROM "user";
  CREATE TRIGGER user_words_insert AFTER INSERT ON "user" BEGIN
    INSERT INTO user_words (rowid, name, handle, email) VALUES (new.rowid, new.name, new.handle, ifnull(new.email, ''));
  END;
  CREATE TRIGGER user_words_update AFTER UPDATE OF name, handle, email ON "user"
    WHEN old.name <> new.name OR old.handle <> new.handle OR old.email IS NOT new.email BEGIN
    DELETE FROM user_words WHERE rowid = old.rowid;
    INSERT INTO user_words (rowid, name, handle, email) VALUES (new.rowid, new.name, new.handle, ifnull(new.email, ''));
  END;
  CREATE TRIGGER user_words_delete AFTER DELETE ON "user" BEGIN
    DELETE FROM user_words WHERE rowid = old.rowid;
  END;
`;

/**
 * Lays the index where it is missing: in a file of an earlier build, and where the projected tables were made anew, which
 * took the triggers with them. Half a million people take a few seconds, once.
 */
export function layPeopleIndex(db: SqlDatabase): void {
  const there = selectOne(db, `SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'user_words_delete'`)([]);
  if (!there) transact(db, () => void db.exec(INDEX));
}
