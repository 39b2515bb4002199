import {
  type Body,
  MAX_PERSON_NAME,
  PEOPLE_STREAM,
  type Role,
  SYSTEM_USER,
  type UserId,
  type UserRow,
} from '@parley/sync/model';
import { normaliseEmail } from '../accounts/email.ts';
import type { ImportContext } from './import-context.ts';
import { labelOf, uniqueName } from './label.ts';
import { provisionOp } from './provisioning.ts';
import type { BotAuthor, UserRecord } from './slack/records.ts';

/** The widths of the profile's lines. */
const MAX_LINE = 120;

/** Author of messages that don't say whose they are. */
const NOBODY = 'unknown';

/** Slack's own voice, which no export lists among the people. */
const SLACKBOT = 'USLACKBOT';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly handle: string;
  readonly email: string | null;
  readonly role: Role;
  readonly bot: boolean;
  readonly tz: string;
  readonly title: string;
}

interface Known {
  readonly user: UserId;
  readonly name: string;
}

/** Owners of a workspace are made by those who own it, never by a file. */
const roleOf = (role: UserRecord['role']): Role => (role === 'owner' ? 'admin' : role);

/**
 * The people of an export. Someone whose address belongs to a person of this workspace who can sign in is that person;
 * everyone else enters the directory without a sign-in, to be claimed.
 */
export class ImportPeople {
  readonly #context: ImportContext;
  readonly #known = new Map<string, Known>();
  readonly #handles = new Set<string>();
  readonly #emails = new Set<string>();
  readonly #departed: string[] = [];

  constructor(context: ImportContext) {
    this.#context = context;
  }

  /** Someone the export lists. */
  list(record: UserRecord): void {
    this.#enter({
      id: record.id,
      name: record.displayName,
      handle: record.name,
      email: record.email,
      role: roleOf(record.role),
      bot: record.isBot,
      tz: record.tz ?? '',
      title: record.title,
    });
    if (record.deleted) this.#departed.push(record.id);
  }

  /** The person behind a Slack id, if the export has named them so far. */
  find(slack: string): UserId | null {
    return this.#known.get(slack)?.user ?? null;
  }

  nameOf(slack: string): string | null {
    return this.#known.get(slack)?.name ?? null;
  }

  /** Whoever acts under a Slack id: known, or entered now with what name there is. */
  actor(slack: string | null, name: string | null, bot = false): UserId {
    const id = slack ?? NOBODY;
    const known = this.#known.get(id);
    if (known) return known.user;
    const isSlackbot = id === SLACKBOT;
    const called = name ?? (isSlackbot ? 'Slackbot' : slack === null ? 'Unknown' : id);
    // Of people no list describes nothing is known that would earn them more than a guest's rights.
    const role = bot || isSlackbot ? 'member' : 'guest';
    return this.#enter({
      id,
      name: called,
      handle: called,
      email: null,
      role,
      bot: bot || isSlackbot,
      tz: '',
      title: '',
    });
  }

  /** A bot that posts under its own name, without a user behind it. */
  bot(bot: BotAuthor): UserId {
    return this.actor(bot.id ?? `bot ${bot.name}`, bot.name, true);
  }

  /** What has to wait until nobody needs to act any more: those who had left. */
  finish(): void {
    const { room, ids, batch, now } = this.#context;
    for (const slack of this.#departed) {
      const user = this.find(slack);
      if (user === null) continue;
      // A sign-in that somebody has here is none of Slack's business.
      if (room.view.get('user', user)?.claimed) continue;
      batch.add(
        provisionOp({
          i: ids.of('departed', slack),
          s: PEOPLE_STREAM,
          k: 'user.active',
          b: { user, active: false },
          a: SYSTEM_USER,
          at: now(),
        }),
        `user ${slack}`,
      );
    }
  }

  /** The row of a person of this workspace who has this address and a sign-in. */
  #owner(email: string): UserRow | null {
    return this.#context.room.view.find('user', 'by_email', [email]).find((row) => row.claimed && !row.bot) ?? null;
  }

  #enter(entry: Entry): UserId {
    const { room, ids, progress, report, batch } = this.#context;
    report.users += 1;
    const user = ids.of('user', entry.id) as string as UserId;
    const email = entry.email === null ? null : normaliseEmail(entry.email);
    if (entry.email !== null && email === null)
      this.#remark(entry, 'bad-email', 'the address is not a valid one and was left out');
    const handle = labelOf(entry.handle, MAX_PERSON_NAME) || labelOf(entry.id, MAX_PERSON_NAME) || 'unnamed';
    const name = labelOf(entry.name, MAX_PERSON_NAME) || handle;

    const held = room.view.get('user', user);
    const mapped = held ? null : (progress.mapped('user', entry.id) ?? (email && this.#owner(email)?.id));
    if (mapped) {
      report.matchedUsers += 1;
      if (!batch.silent) progress.map('user', entry.id, mapped);
      this.#known.set(entry.id, { user: mapped as UserId, name });
      return mapped as UserId;
    }

    const called = held?.handle ?? this.#freeHandle(handle);
    this.#handles.add(called);
    if (called !== handle) this.#remark(entry, 'handle-taken', `is called ${called} here`);
    const isFirst = email === null || !this.#emails.has(email);
    if (email !== null) this.#emails.add(email);
    if (!isFirst) this.#remark(entry, 'email-taken', 'the address is another person’s too and was left out');
    this.#known.set(entry.id, { user, name: held?.name ?? name });
    if (!held) this.#add(entry, { user, name, handle: called, email: isFirst ? email : null });
    this.#profile(entry, user);
    return user;
  }

  #freeHandle(wanted: string): string {
    const { view } = this.#context.room;
    const isTaken = (handle: string) =>
      this.#handles.has(handle) || view.find('user', 'by_handle', [handle], 1).length > 0;
    return uniqueName(wanted, MAX_PERSON_NAME, isTaken);
  }

  #add(entry: Entry, person: Pick<Body<'user.add'>, 'user' | 'name' | 'handle' | 'email'>): void {
    const { ids, batch, now } = this.#context;
    const tz = labelOf(entry.tz, MAX_LINE);
    const b: Body<'user.add'> = {
      ...person,
      role: entry.role,
      ...(entry.bot ? { bot: true as const } : {}),
      ...(tz === '' ? {} : { tz }),
      claimed: false,
    };
    const op = provisionOp({
      i: ids.of('user', entry.id),
      s: PEOPLE_STREAM,
      k: 'user.add',
      b,
      a: person.user,
      at: now(),
    });
    batch.add(op, `user ${entry.id}`);
  }

  /** What a directory entry doesn't hold from the start. */
  #profile(entry: Entry, user: UserId): void {
    const { ids, batch, now } = this.#context;
    const title = labelOf(entry.title, MAX_LINE);
    if (title === '') return;
    const i = ids.of('profile', entry.id);
    const op = provisionOp({ i, s: PEOPLE_STREAM, k: 'user.set', b: { user, title }, a: user, at: now() });
    batch.add(op, `user ${entry.id}`);
  }

  #remark(entry: Entry, reason: string, detail: string): void {
    this.#context.report.adjusted.push({ where: `user ${entry.id}`, reason, detail });
  }
}
