import { replicaFile } from '@parley/sync/engine';
import type { WorkspaceId } from '@parley/sync/model';
import type { Device } from './device.ts';
import type { History } from './history.ts';
import type { Maintenance } from './maintenance.ts';
import { type Blow, RELAY } from './plan.ts';
import { FAIR } from './proxy/weather.ts';
import type { RelayNode } from './relay-node.ts';
import type { Tally } from './tally.ts';

/** What is struck. */
export interface Targets {
  readonly relay: RelayNode;
  readonly maintenance: Maintenance;
  readonly workspace: WorkspaceId;
  device(name: string): Device;
  readonly history: History;
  readonly tally: Tally;
  /** Does something later, unless the storm is over by then. */
  later(ms: number, then: () => void): void;
}

/** Deals one blow. What it would strike may be down already: then nothing happens. */
export function deal(blow: Blow, targets: Targets): void {
  const { relay, maintenance, history, tally, later } = targets;
  const nodeOf = (name: string) => (name === RELAY ? relay : targets.device(name).node);
  const hit = (device: string, what: string, connections: number, more: object = {}) => {
    if (connections === 0) return;
    history.note(device, what, more);
    tally.count(what);
  };
  switch (blow.is) {
    case 'kill':
      return nodeOf(blow.node).kill(blow.downMs);
    case 'restart':
      return nodeOf(blow.node).restart(blow.downMs);
    case 'arm':
      return nodeOf(blow.node).arm(blow.arming, blow.downMs);
    case 'stop':
      return nodeOf(blow.node).stop(blow.ms);
    case 'cut':
      return hit(blow.device, 'cuts', targets.device(blow.device).line.cut(blow.reset), { reset: blow.reset });
    case 'cut-after': {
      const { device, direction, bytes } = blow;
      return hit(device, 'cuts', targets.device(device).line.cutAfter(direction, bytes), { direction, bytes });
    }
    case 'half-close': {
      const { device, direction } = blow;
      return hit(device, 'half-closes', targets.device(device).line.halfClose(direction), { direction });
    }
    case 'stall': {
      const { device, direction, ms } = blow;
      return hit(device, 'stalls', targets.device(device).line.stall(direction, ms), { direction, ms });
    }
    case 'blackhole': {
      const { device, directions, ms } = blow;
      const { line } = targets.device(device);
      const swallowed = line.blackhole(directions);
      later(ms, () => line.endLossy());
      return hit(device, 'blackholes', swallowed, { directions, ms });
    }
    case 'offline': {
      const { device, reset, ms } = blow;
      const { line } = targets.device(device);
      line.close(reset);
      later(ms, () => line.open());
      return hit(device, 'outages', 1, { reset, ms });
    }
    case 'weather': {
      const { device, weather, ms } = blow;
      const { line } = targets.device(device);
      line.weather = weather;
      later(ms, () => {
        line.weather = FAIR;
      });
      return hit(device, 'bad weather', 1, { ...weather, ms });
    }
    case 'skew': {
      const device = targets.device(blow.device);
      device.skewMs = blow.skewMs;
      return hit(blow.device, 'clocks moved', 1, { skewMs: blow.skewMs });
    }
    case 'damage':
      return void damaged(targets.device(blow.device), blow, targets.workspace);
    case 'copy':
      return void targets.device(blow.device).copy();
    case 'set-back':
      return void targets.device(blow.device).setBack();
    case 'revoke':
      return void maintenance.revoke(targets.device(blow.device).person);
    case 'back-up':
      return void maintenance.backUp();
    case 'restore':
      return void maintenance.restore();
  }
}

function damaged(device: Device, blow: Extract<Blow, { is: 'damage' }>, workspace: WorkspaceId): Promise<void> {
  const file = replicaFile(device.home, workspace) + blow.file;
  return device.damaged(blow.how, file, blow.seed, blow.arming);
}
