/**
 * Who may sign in, from which devices, and to which workspaces. Secrets are kept as hashes: a copy of this file signs
 * nobody in.
 */
export const sql = `
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  password TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account(id),
  name TEXT NOT NULL,
  platform TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX device_by_account ON device (account);

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account(id),
  device TEXT NOT NULL REFERENCES device(id),
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account, seen_at);
CREATE INDEX session_by_device ON session (device);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE workspace (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
  workspace TEXT NOT NULL REFERENCES workspace(id),
  account TEXT NOT NULL REFERENCES account(id),
  user TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, account),
  UNIQUE (workspace, user)
) STRICT;
CREATE INDEX membership_by_account ON membership (account);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  workspace TEXT NOT NULL REFERENCES workspace(id),
  role TEXT NOT NULL,
  channels TEXT NOT NULL,
  inviter TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  max_uses INTEGER NOT NULL,
  uses INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX invitation_by_inviter ON invitation (workspace, inviter, expires_at);

CREATE TABLE sign_in_attempt (
  id INTEGER PRIMARY KEY,
  door TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_attempt_by_door ON sign_in_attempt (door, at);
CREATE INDEX sign_in_attempt_by_time ON sign_in_attempt (at);
`;
