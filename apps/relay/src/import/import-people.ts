import { MAX_PERSON_NAME, PEOPLE_STREAM, type Role, SYSTEM_USER, type UserId, type UserRow } from '@parley/sync/model';
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
    const derived = ids.of('user', entry.id) as string as UserId;
    const email = entry.email === null ? null : normaliseEmail(entry.email);
    if (entry.email !== null && email === null)
      report.adjusted.push({
        where: `user ${entry.id}`,
        reason: 'bad-email',
        detail: 'the address is not a valid one and was left out',
      });

    const held = room.view.get('user', derived);
    const mapped = held
      ? null
      : (progress.mapped('user', entry.id) ?? (email === null ? null : (this.#owner(email)?.id ?? null)));
    const name =
      labelOf(entry.name, MAX_PERSON_NAME) ||
      labelOf(entry.handle, MAX_PERSON_NAME) ||
      labelOf(entry.id, MAX_PERSON_NAME) ||
      'unnamed';
    if (mapped !== null) {
      report.matchedUsers += 1;
      if (!batch.silent) progress.map('user', entry.id, mapped);
      this.#known.set(entry.id, { user: mapped as UserId, name });
      return mapped as UserId;
    }
    this.#known.set(entry.id, { user: derived, name: held?.name ?? name });
    if (held) this.#handles.add(held.handle);
    else this.#add(entry, derived, name, email);

    const title = labelOf(entry.title, MAX_LINE);
    if (title !== '')
      batch.add(
        provisionOp({
          i: ids.of('profile', entry.id),
          s: PEOPLE_STREAM,
          k: 'user.set',
          b: { user: derived, title },
          a: derived,
          at: this.#context.now(),
        }),
        `user ${entry.id}`,
      );
    return derived;
  }

  #add(entry: Entry, user: UserId, name: string, email: string | null): void {
    const { room, ids, report, batch, now } = this.#context;
    const wanted = labelOf(entry.handle, MAX_PERSON_NAME) || labelOf(entry.id, MAX_PERSON_NAME) || 'unnamed';
    const isTaken = (handle: string) =>
      this.#handles.has(handle) || room.view.find('user', 'by_handle', [handle], 1).length > 0;
    const handle = uniqueName(wanted, MAX_PERSON_NAME, isTaken);
    this.#handles.add(handle);
    if (handle !== wanted)
      report.adjusted.push({ where: `user ${entry.id}`, reason: 'handle-taken', detail: `is called ${handle} here` });
    const free = email !== null && !this.#emails.has(email);
    if (email !== null && !free)
      report.adjusted.push({
        where: `user ${entry.id}`,
        reason: 'email-taken',
        detail: 'the address is another person’s too and was left out',
      });
    if (email !== null) this.#emails.add(email);
    const tz = labelOf(entry.tz, MAX_LINE);
    batch.add(
      provisionOp({
        i: ids.of('user', entry.id),
        s: PEOPLE_STREAM,
        k: 'user.add',
        b: {
          user,
          name,
          handle,
          email: free ? email : null,
          role: entry.role,
          ...(entry.bot ? { bot: true as const } : {}),
          ...(tz === '' ? {} : { tz }),
          claimed: false,
        },
        a: user,
        at: now(),
      }),
      `user ${entry.id}`,
    );
  }
}
