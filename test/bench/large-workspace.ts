import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relayCommand } from '@parley/relay';
import { openWorkspaceFile, SqlLog } from '@parley/relay/room';
import { type ChannelId, type DeviceId, membershipStream, PEOPLE_STREAM, type WorkspaceId } from '@parley/sync/model';
import { type SqlDatabase, selectOne } from '@parley/sync/replica';
import Database from 'libsql';

export interface LargeWorkspace {
  readonly data: string;
  readonly workspace: WorkspaceId;
  /** The conversation that very many are in. */
  readonly crowd: ChannelId;
  /** Somebody who can sign in with a password. */
  readonly email: string;
  readonly password: string;
  /** Devices that are signed in, each of another person in the crowd. */
  readonly devices: readonly { readonly token: string; readonly device: DeviceId }[];
}

export interface LargeSize {
  readonly people: number;
  readonly members: number;
  readonly devices: number;
}

const PASSWORD = 'bench correct horse';
const EMAIL = 'ann@example.test';
const FIRST =
  'Ada Alan Barbara Bela Carl Chandra Dana Emil Émilie Fatima Grace Hedy Ilse Jonas Kwame Lise Mei Nils'.split(' ');
const LAST =
  'Adeyemi Bauer Castillo Dubois Eriksson Fischer García Hoffmann Ivanova Jensen Khan Lopez Müller Nakamura Okafor'.split(
    ' ',
  );

/**
 * A relay's data directory with one workspace of very many people, of whom very many are in one conversation. Their rows
 * are written as if the log that made them had been trimmed since: half a million decisions would take minutes.
 */
export async function largeWorkspace(size: LargeSize): Promise<LargeWorkspace> {
  const data = mkdtempSync(join(tmpdir(), 'parley-bench-large-'));
  const { workspace } = await relayCommand(data, 'workspace.add', {
    workspace: 'Bench',
    owner: 'owner@example.test',
    password: PASSWORD,
    first: true,
  });
  await relayCommand(data, 'user.add', { email: EMAIL, name: 'Ann', password: PASSWORD });
  const db = openWorkspaceFile(join(data, 'ws', `${workspace.id}.db`));
  const crowd = selectOne<readonly [string]>(db, 'SELECT ch FROM channel')([])?.[0] as ChannelId;
  fill(db, crowd, size);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const devices = signIn(join(data, 'relay.db'), workspace.id, size.devices);
  return { data, workspace: workspace.id, crowd, email: EMAIL, password: PASSWORD, devices };
}

/** The n-th of the people, in SQL: names by turns, an id made of the number. */
const USER_ID = `printf('018f0000-0000-7000-8000-%012x', n)`;

function fill(db: SqlDatabase, crowd: ChannelId, { people, members, devices }: LargeSize): void {
  const log = new SqlLog(db);
  const heads = { d: log.head(PEOPLE_STREAM), m: log.head(membershipStream(crowd)) };
  log.trim(log.tail().pos);
  // Made anew in one go when the room is opened, rather than row by row here.
  for (const on of ['insert', 'update', 'delete']) db.exec(`DROP TRIGGER user_words_${on}`);
  db.exec('BEGIN');
  db.prepare(
    `INSERT INTO "user" (id, name, handle, email, role, bot, active, claimed, title, pronouns, phone, tz, avatar,
       status_emoji, status_text, status_until, at, ver)
     SELECT ${USER_ID}, first || ' ' || last || ' ' || n, lower(last) || n, lower(last) || n || '@example.test', 'member',
       0, 1, 1, 'Engineer', '', '', 'Europe/Berlin', '', '', '', 0, 1700000000000 + n, ? + n
     FROM (WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
       SELECT n, json_extract(?, '$[' || (n % ${FIRST.length}) || ']') AS first,
         json_extract(?, '$[' || (n / ${FIRST.length} % ${LAST.length}) || ']') AS last FROM counted)`,
  ).run(heads.d, people, JSON.stringify(FIRST), JSON.stringify(LAST));
  const some = (insert: string, count: number, ...params: (string | number)[]) =>
    db
      .prepare(
        `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${count}) ${insert} FROM counted`,
      )
      .run(...params);
  some(
    `INSERT INTO member (ch, user, role, active, from_q, at, ver) SELECT ?, ${USER_ID}, 'member', 1, 0, 1700000000000, ? + n`,
    members,
    crowd,
    heads.m,
  );
  some(`INSERT INTO joined (user, ch, active, at, ver) SELECT ${USER_ID}, ?, 1, 1700000000000, 1`, devices, crowd);
  some(`INSERT INTO log_stream (name, head, chain) SELECT 'u:' || ${USER_ID}, 1, zeroblob(16)`, devices);
  const head = db.prepare('UPDATE log_stream SET head = ?, chain = zeroblob(16) WHERE name = ?');
  head.run(heads.d + people, PEOPLE_STREAM);
  head.run(heads.m + members, membershipStream(crowd));
  db.exec('COMMIT');
}

/** A session for each of the first people. */
function signIn(file: string, workspace: WorkspaceId, count: number): LargeWorkspace['devices'] {
  const db = new Database(file);
  const now = Date.now();
  const id = (kind: number, n: number) =>
    `018f0000-0000-7000-${kind.toString(16)}000-${n.toString(16).padStart(12, '0')}`;
  const account = db.prepare('INSERT INTO account (id, email, password, created_at) VALUES (?, ?, ?, ?)');
  const device = db.prepare('INSERT INTO device (id, account, name, platform, created_at) VALUES (?, ?, ?, ?, ?)');
  const membership = db.prepare('INSERT INTO membership (workspace, account, user, created_at) VALUES (?, ?, ?, ?)');
  const session = db.prepare(
    `INSERT INTO session (id, token_hash, account, device, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  db.exec('BEGIN');
  const devices = Array.from({ length: count }, (_, at) => {
    const n = at + 1;
    const token = randomBytes(32).toString('base64url');
    account.run([id(9, n), `device${n}@example.test`, 'none', now]);
    device.run([id(0xa, n), id(9, n), 'bench', 'bench', now]);
    membership.run([workspace, id(9, n), id(8, n), now]);
    const hash = createHash('sha256').update(token).digest();
    session.run([id(0xb, n), hash, id(9, n), id(0xa, n), now, now, now + 86_400_000]);
    return { token, device: id(0xa, n) as DeviceId };
  });
  db.exec('COMMIT');
  db.close();
  return devices;
}
