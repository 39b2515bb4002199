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

/** Asks what must hold of the relay's history and of what it has told of it. */
export function checkHistory(world: World, sightings = sightingsOf(world.relay.log(), usersOf(world))): Breach[] {
  const log = world.relay.log();
  const positions = new Map(log.map(({ fact }, pos) => [placeOf(fact), pos]));
  const breaches = [...checkLog(log), ...checkSameBytes(log, world.tap.forms)];
  for (const user of usersOf(world)) {
    const who = world.devices.find(({ person }) => person.user === user)?.person.name ?? user;
    const sent = new Set([...world.tap.places(user)].flatMap((place) => positions.get(place) ?? []));
    breaches.push(
      ...checkFactsSent(who, user, log, sent, sightings),
      ...checkWire(who, user, world.tap.words(user), sightings),
    );
  }
  for (const { acknowledged } of world.devices) breaches.push(...checkAcknowledged(log, acknowledged));
  return breaches;
}

/** Asks every invariant of a world that has come to rest. */
export function checkWorld(world: World): Breach[] {
  const log = world.relay.log();
  const view = world.relay.view;
  const tables = readTables(world.relay.database);
  const logged = new Set(log.map(({ fact }) => fact.i));
  const sightings = sightingsOf(log, usersOf(world));
  const breaches = checkHistory(world, sightings);
  for (const { name, person, workspace, disk, written } of world.devices) {
    // Somebody who is out of the workspace keeps what they have until they come back or sign out.
    if (!workspace || !world.relay.sees(person.user, 'w' as StreamId)) continue;
    breaches.push(
      ...checkConverged(name, person.user, view, tables, readTables(workspace.replica.db), workspace.replica),
      ...checkExplained(name, workspace.replica),
      ...checkKept(name, workspace.replica, written, logged),
      ...checkOverlay(name, workspace.replica),
      ...checkCounts(name, workspace, tables),
      ...checkDisk(name, person.user, disk.image(), sightings),
    );
  }
  return breaches;
}
