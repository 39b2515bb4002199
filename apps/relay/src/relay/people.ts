import { canSee } from '@parley/sync/core';
import {
  type ChannelId,
  conversationStream,
  derivedId,
  keyOf,
  membershipStream,
  must,
  newId,
  type OpId,
  PEOPLE_STREAM,
  type Reject,
  type Role,
  SYSTEM_USER,
  type UserId,
  type UserRow,
  WORKSPACE_STREAM,
} from '@parley/sync/model';
import type { Account, Invitation } from '../accounts/mod.ts';
import { type ImportRoom, type ProvisionOp, provisionOp } from '../import/provisioning.ts';
import type { RoomEnv } from '../room/env.ts';

export type PersonResult =
  | { readonly ok: true; readonly user: UserId }
  | { readonly ok: false; readonly reject: Reject };

/** Handles tried after the first is taken. */
const MAX_HANDLE_TRIES = 200;

/** A short name to be mentioned by, made of the address; people change it later. */
export function handleOf(email: string): string {
  const local = email.slice(0, email.lastIndexOf('@'));
  const handle =
    local
      .split('+', 1)[0]
      ?.replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
      .slice(0, 40) ?? '';
  return handle === '' ? 'person' : handle;
}

async function provisionOne(room: ImportRoom, op: ProvisionOp): Promise<Reject | null> {
  const [verdict] = await room.provision([op]);
  const given = must(verdict, 'a room answers every op');
  return given.ok ? null : { code: given.code, detail: given.detail };
}

/**
 * Makes the account a person of the workspace. The person's id follows from the account's, so that doing it again after
 * a crash between the workspace's log and the accounts finds the same person.
 */
export async function addPerson(
  room: ImportRoom,
  env: RoomEnv,
  { account, name, role }: { readonly account: Account; readonly name: string; readonly role: Role },
): Promise<PersonResult> {
  const user = derivedId<UserId>(room.workspace, `person ${account.id}`);
  if (room.view.get('user', user)) return { ok: true, user };
  const stem = handleOf(account.email);
  for (let at = 1; at <= MAX_HANDLE_TRIES; at += 1) {
    const handle = at === 1 ? stem : `${stem}${at}`;
    if (room.view.find('user', 'by_handle', [handle], 1).length > 0) continue;
    const reject = await provisionOne(
      room,
      provisionOp({
        i: freshOpId(env),
        s: PEOPLE_STREAM,
        k: 'user.add',
        b: { user, name, handle, email: account.email, role, claimed: true },
        a: SYSTEM_USER,
        at: env.now(),
      }),
    );
    if (!reject || (reject.code === 'already' && room.view.get('user', user))) return { ok: true, user };
    // Somebody took the handle while this op waited for its turn.
    if (reject.code === 'name_taken' && room.view.find('user', 'by_handle', [handle], 1).length > 0) continue;
    return { ok: false, reject };
  }
  return { ok: false, reject: { code: 'name_taken', detail: `Too many people are called ${stem}.` } };
}

/** Gives an imported person's place, with all they wrote, to the account. Without a role they keep the imported one. */
export async function claimPerson(
  room: ImportRoom,
  env: RoomEnv,
  claim: {
    readonly account: Account;
    readonly username: string;
    readonly name: string | null;
    readonly role: Role | null;
  },
): Promise<PersonResult> {
  const row = findPerson(room, claim.username);
  if (!row)
    return {
      ok: false,
      reject: { code: 'unknown_ref', detail: `There is nobody called ${claim.username} in this workspace.` },
    };
  // Done before and cut off: the account was told already, only its membership is missing.
  if (row.claimed && row.email === claim.account.email) return { ok: true, user: row.id };
  const reject = await provisionOne(
    room,
    provisionOp({
      i: freshOpId(env),
      s: PEOPLE_STREAM,
      k: 'user.claim',
      b: { user: row.id, name: claim.name ?? row.name, email: claim.account.email, role: claim.role ?? row.role },
      a: SYSTEM_USER,
      at: env.now(),
    }),
  );
  return reject ? { ok: false, reject } : { ok: true, user: row.id };
}

/** The person with this handle, the `@` of a mention allowed for. */
function findPerson(room: ImportRoom, username: string): UserRow | null {
  const handle = username.replace(/^@/, '');
  return room.view.find('user', 'by_handle', [handle], 1)[0] ?? null;
}

/** Brings a new person into the channels of their invitation that its inviter may still bring people into. */
export async function inviteToChannels(
  room: ImportRoom,
  env: RoomEnv,
  invitation: Invitation,
  user: UserId,
): Promise<void> {
  const channels = invitation.channels.filter((ch) => mayBringInto(room, invitation.inviter, ch));
  if (channels.length === 0) return;
  const ops = channels.map((ch) =>
    provisionOp({
      i: derivedId<OpId>(invitation.id, `channel ${ch} ${user}`),
      s: membershipStream(ch),
      k: 'mem.invite',
      b: { users: [user] },
      a: invitation.inviter ?? SYSTEM_USER,
      at: env.now(),
    }),
  );
  await room.provision(ops);
}

/** Whether one may bring people into a channel: one is in it, or it is public and one sees it. Null is the operator. */
export function mayBringInto(room: ImportRoom, inviter: UserId | null, ch: ChannelId): boolean {
  const row = room.view.get('channel', ch);
  if (!row || row.deleted || row.archived || row.kind === 'dm' || row.kind === 'group') return false;
  if (inviter === null) return true;
  if (!canSee(room.view, inviter, ch)) return false;
  return row.kind === 'public' || room.view.get('member', keyOf(ch, inviter))?.active === 1;
}

/** Fills a new workspace: its name, its owner, and #general, where everybody begins. */
export async function foundWorkspace(
  room: ImportRoom,
  env: RoomEnv,
  founder: { readonly workspace: string; readonly account: Account; readonly name: string },
): Promise<
  | { readonly ok: true; readonly user: UserId; readonly general: ChannelId }
  | { readonly ok: false; readonly reject: Reject }
> {
  const user = derivedId<UserId>(room.workspace, `person ${founder.account.id}`);
  const created = freshOpId(env);
  const general = created as string as ChannelId;
  const at = env.now();
  const ops: ProvisionOp[] = [
    provisionOp({
      i: freshOpId(env),
      s: WORKSPACE_STREAM,
      k: 'ws.set',
      b: { name: founder.workspace },
      a: SYSTEM_USER,
      at,
    }),
    provisionOp({
      i: freshOpId(env),
      s: PEOPLE_STREAM,
      k: 'user.add',
      b: {
        user,
        name: founder.name,
        handle: handleOf(founder.account.email),
        email: founder.account.email,
        role: 'owner',
        claimed: true,
      },
      a: SYSTEM_USER,
      at,
    }),
    provisionOp({
      i: created,
      s: conversationStream(general),
      k: 'ch.create',
      b: { kind: 'public', name: 'general' },
      a: user,
      at,
    }),
    provisionOp({
      i: freshOpId(env),
      s: membershipStream(general),
      k: 'mem.invite',
      b: { users: [user] },
      a: user,
      at,
    }),
    provisionOp({
      i: freshOpId(env),
      s: WORKSPACE_STREAM,
      k: 'ws.set',
      b: { settings: { defaultChannels: [general] } },
      a: SYSTEM_USER,
      at,
    }),
  ];
  for (const verdict of await room.provision(ops))
    if (!verdict.ok) return { ok: false, reject: { code: verdict.code, detail: verdict.detail } };
  return { ok: true, user, general };
}

const freshOpId = (env: RoomEnv): OpId => newId(env.now(), (bytes) => env.random(bytes));
