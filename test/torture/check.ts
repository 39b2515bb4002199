import { openWorkspaceFile, SqlLog } from '@parley/relay/room';
import { apply, canSeeStream, MemoryView } from '@parley/sync/core';
import { openEngine, type Workspace } from '@parley/sync/engine';
import { type Fact, isKnownFact, type OpId, type OpKind, type RejectCode } from '@parley/sync/model';
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
  type Tables,
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

/** A log that was given up for a backup, and what went over the lines while it was the relay's. */
export interface FormerLog {
  readonly era: Era;
  readonly log: readonly LoggedFact[];
}

/**
 * Ops that were in a log given up for a backup, and need not come back: their authors could no longer see the conversation
 * when that was, so that nobody may hold them; or they said nothing in words, and what they were about was gone when they
 * were sent again.
 */
function neverToReturn(former: readonly FormerLog[], last: Era): ReadonlySet<OpId> {
  const gone = new Set<OpId>();
  for (const [at, { log }] of former.entries()) {
    const view = new MemoryView();
    for (const { fact } of log) if (isKnownFact(fact)) apply(view, fact);
    const later = [...former.slice(at + 1).map(({ era }) => era), last];
    for (const { fact } of log) {
      const pointless = later.some(({ refused }) => POINTLESS.has(refused.get(fact.i) ?? ''));
      if (!canSeeStream(view, fact.a, fact.s) || (pointless && !IN_WORDS.has(fact.k))) gone.add(fact.i);
    }
  }
  return gone;
}
const POINTLESS: ReadonlySet<string> = new Set<RejectCode>(['target_gone', 'already']);
const IN_WORDS: ReadonlySet<string> = new Set<OpKind>(['msg.create', 'msg.edit']);

/** What the replicas hold at the end, read by engines that do not connect. */
export async function checkReplicas(
  devices: readonly Device[],
  { log, db }: RelayFile,
  former: readonly FormerLog[],
  last: Era,
): Promise<Breach[]> {
  const judge: Judge = {
    view: new SqlView(db),
    tables: readTables(db),
    logged: new Set(log.map(({ fact }) => fact.i)),
    sightings: sightingsOf(log, [...usersOf(devices).keys()]),
    lost: new Set(former.flatMap(({ log: given }) => given.map(({ fact }) => fact.i))),
    gone: neverToReturn(former, last),
  };
  const breaches: Breach[] = [];
  for (const device of devices) {
    const engine = await openEngine({ home: device.home, online: false });
    try {
      const [entry] = await engine.client().once('workspaces', {});
      if (entry) breaches.push(...checkReplica(device, engine.workspace(entry.id), judge));
      else breaches.push({ invariant: 'I5', what: `${device.name} is signed in nowhere` });
    } catch (error) {
      breaches.push({ invariant: 'I5', what: `${device.name} can’t be read: ${String(error)}` });
    } finally {
      await engine.close();
    }
  }
  return breaches;
}

/** What replicas are held against. */
interface Judge {
  readonly view: SqlView;
  readonly tables: Tables;
  readonly logged: ReadonlySet<OpId>;
  readonly sightings: Sightings;
  /** Ops that were in a log given up for a backup, and of these those that need not come back. */
  readonly lost: ReadonlySet<OpId>;
  readonly gone: ReadonlySet<OpId>;
}

function checkReplica(
  { name, user, written, risked, rowsOnly, recalled }: Device,
  workspace: Workspace,
  judge: Judge,
): Breach[] {
  const { view, tables, logged, sightings, lost, gone } = judge;
  const { replica } = workspace;
  const mayBeGone = (op: OpId) => risked.has(op) || gone.has(op) || (rowsOnly.has(op) && lost.has(op));
  // An old copy of a machine says of a refusal what it knew; nobody asks again but the person.
  const refusedThen = (op: OpId) => recalled.has(op) && replica.outbox.get(op)?.state.is === 'failed';
  const kept = [...written].filter((op) => (logged.has(op) ? !refusedThen(op) : !mayBeGone(op)));
  return [
    ...checkConverged(name, user, view, tables, readTables(replica.db)),
    ...checkExplained(name, replica),
    ...checkKept(name, replica, new Set(kept), logged),
    ...checkOverlay(name, replica),
    ...checkCounts(name, workspace, tables),
    ...checkHeld(name, user, wordsHeld(replica.db), sightings),
  ];
}
