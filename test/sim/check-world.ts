import type { StreamId } from '@parley/sync/model';
import {
  type Breach,
  checkAcknowledged,
  checkConverged,
  checkCounts,
  checkDisk,
  checkExplained,
  checkFactsSent,
  checkKept,
  checkLog,
  checkOverlay,
  checkSameBytes,
  checkWire,
  placeOf,
  readTables,
  sightingsOf,
} from '@parley/sync/testing';
import { usersOf, type World } from './world.ts';

/** Asks every invariant of a world that has come to rest. */
export function checkWorld(world: World): Breach[] {
  const log = world.relay.log();
  const view = world.relay.view;
  const tables = readTables(world.relay.database);
  const logged = new Set(log.map(({ fact }) => fact.i));
  const positions = new Map(log.map(({ fact }, pos) => [placeOf(fact), pos]));
  const users = usersOf(world);
  const sightings = sightingsOf(log, users);
  const breaches = [...checkLog(log), ...checkSameBytes(log, world.tap.forms)];
  for (const user of users) {
    const who = world.devices.find(({ person }) => person.user === user)?.person.name ?? user;
    const sent = new Set([...world.tap.places(user)].flatMap((place) => positions.get(place) ?? []));
    breaches.push(
      ...checkFactsSent(who, user, log, sent, sightings),
      ...checkWire(who, user, world.tap.words(user), sightings),
    );
  }
  for (const { name, person, workspace, disk, written, acknowledged } of world.devices) {
    breaches.push(...checkAcknowledged(log, acknowledged));
    // Somebody who is out of the workspace keeps what they have until they come back or sign out.
    if (!workspace || !world.relay.sees(person.user, 'w' as StreamId)) continue;
    breaches.push(
      ...checkConverged(name, person.user, view, tables, readTables(workspace.replica.db)),
      ...checkExplained(name, workspace.replica),
      ...checkKept(name, workspace.replica, written, logged),
      ...checkOverlay(name, workspace.replica),
      ...checkCounts(name, workspace, tables),
      ...checkDisk(name, person.user, disk.image(), sightings),
    );
  }
  return breaches;
}
