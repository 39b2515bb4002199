import { PASSWORD } from './cast.ts';
import type { Device } from './device.ts';
import type { Look } from './orders.ts';

/** Somebody who doesn't answer is stopped, or has much to do; they are asked again later. */
const ANSWER_MS = 10_000;

/**
 * What people do when they were put out: those whose sessions ended sign in again, an owner brings back who was
 * deactivated, and who was brought back connects anew; in a hurry also who only waits to try again. Gives how each device
 * stands.
 */
export async function tend(devices: readonly Device[], hurry: boolean): Promise<ReadonlyMap<Device, Look | null>> {
  const looks = new Map(
    await Promise.all(devices.map(async (device) => [device, await inTime(device.look())] as const)),
  );
  await Promise.all([...looks].map(([device, look]) => look && inTime(helped(device, look, hurry))));
  await inTime(broughtBack(looks));
  return looks;
}

async function helped(device: Device, { ws, sync }: Look, hurry: boolean): Promise<void> {
  if (sync.state === 'signed_out')
    await device.call('account.login', { relay: device.line.url, email: device.person.email, password: PASSWORD });
  else if (sync.state === 'refused' || (hurry && sync.state === 'offline')) await device.call('sync.now', { ws });
}

async function broughtBack(looks: ReadonlyMap<Device, Look | null>): Promise<void> {
  for (const [device, look] of looks) {
    if (look?.sync.state !== 'synced' && look?.sync.state !== 'syncing') continue;
    const me = look.people.find(({ user }) => user === device.user);
    if (me?.role !== 'owner' || !me.active) continue;
    for (const { user, active } of look.people)
      if (!active) await device.call('person.active', { ws: look.ws, user, active: true });
    return;
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS, null);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
