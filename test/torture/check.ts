import { openWorkspaceFile, SqlLog } from '@parley/relay/room';
import { openEngine } from '@parley/sync/engine';
import type { Fact } from '@parley/sync/model';
import { type SqlDatabase, SqlView } from '@parley/sync/replica';
import {
  type Breach,
  checkAcknowledged,
  checkConverged,
  checkCounts,
  checkExplained,
  checkFactsSent,
  checkHeld,
  checkKept,
  checkLog,
  checkOverlay,
  checkSameBytes,
  checkWire,
  type LoggedFact,
  placeOf,
  readTables,
  type Sightings,
  sightingsOf,
} from '@parley/sync/testing';
import type { Device } from './device.ts';
import type { Era } from './evidence.ts';
import { wordsHeld } from './words-held.ts';

/** Everything a run is asked about, each with what was found against it. */
export const CHECKS = {
  alive: 'no process ended or failed by itself',
  quiet: 'all came to rest once the faults were over',
  I1: 'what was acknowledged is in the log where the verdict said',
  I2: 'each id is in the log once',
  I3: 'each fact went over every line in the same bytes',
  I4: 'sequences are dense',
  I5: 'every replica is the relay’s projection, restricted to what its person may see',
  I6: 'every outbox is empty or explained',
  I7: 'every edit is confirmed or kept, and never both',
  I8: 'nothing reached, by any line or in any database, somebody who may not see it',
  I9: 'counts are those of reading everything',
  I10: 'cursors only moved on',
  I14: 'no overlay without an outbox',
  relay: 'the relay’s files verify, and its operator’s commands worked',
  verify: 'every engine finds itself sound and equal to the relay',
} as const;

/** What the relay's file holds, once nobody has it open. */
export interface RelayFile {
  readonly log: readonly LoggedFact[];
  readonly db: SqlDatabase;
}

export function readRelay(file: string): RelayFile {
  const db = openWorkspaceFile(file);
  const entries = new SqlLog(db).read(0, Number.MAX_SAFE_INTEGER);
  return { db, log: entries.map(({ text }) => ({ text, fact: JSON.parse(text) as Fact })) };
}

/** I1 to I4 and I8 of one era: its log, and what went over the lines while it was the relay's. */
export function checkEra(era: Era, log: readonly LoggedFact[], devices: readonly Device[]): Breach[] {
  const users = usersOf(devices);
  const sightings = sightingsOf(log, [...users.keys()]);
  const positions = new Map(log.map(({ fact }, pos) => [placeOf(fact), pos]));
  const breaches = [
    ...checkLog(log),
    ...checkSameBytes(log, era.tap.forms),
    ...checkAcknowledged(log, era.acknowledged),
  ];
  for (const [user, who] of users) {
    const sent = new Set([...era.tap.places(user)].flatMap((place) => positions.get(place) ?? []));
    breaches.push(
      ...checkFactsSent(who, user, log, sent, sightings),
      ...checkWire(who, user, era.tap.words(user), sightings),
    );
  }
  return breaches;
}

const usersOf = (devices: readonly Device[]) => new Map(devices.map(({ user, person }) => [user, person.name]));

/** What the replicas hold at the end, read by an engine that does not connect. */
export async function checkReplicas(devices: readonly Device[], { log, db }: RelayFile): Promise<Breach[]> {
  const view = new SqlView(db);
  const tables = readTables(db);
  const logged = new Set(log.map(({ fact }) => fact.i));
  const sightings: Sightings = sightingsOf(log, [...usersOf(devices).keys()]);
  const breaches: Breach[] = [];
  for (const { name, user, home, written, risked } of devices) {
    const engine = await openEngine({ home, online: false });
    try {
      const [entry] = await engine.client().once('workspaces', {});
      if (!entry) {
        breaches.push({ invariant: 'I5', what: `${name} is signed in nowhere` });
        continue;
      }
      const workspace = engine.workspace(entry.id);
      const { replica } = workspace;
      const kept = new Set([...written].filter((op) => !risked.has(op) || logged.has(op)));
      breaches.push(
        ...checkConverged(name, user, view, tables, readTables(replica.db)),
        ...checkExplained(name, replica),
        ...checkKept(name, replica, kept, logged),
        ...checkOverlay(name, replica),
        ...checkCounts(name, workspace, tables),
        ...checkHeld(name, user, wordsHeld(replica.db), sightings),
      );
    } finally {
      await engine.close();
    }
  }
  return breaches;
}
