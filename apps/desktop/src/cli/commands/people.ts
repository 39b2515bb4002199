import type { PersonView } from '@parley/sync/model';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, EXIT } from '../exit.ts';
import { isoTime, localMinute } from '../local-time.ts';
import { table } from '../output.ts';
import { reportOp } from '../report-op.ts';
import { safeLine } from '../safe-text.ts';
import { ask, type Session, sidebarOf, syncOf } from '../session.ts';
import { count } from './options.ts';

const statusOf = ({ status }: PersonView) =>
  status && { emoji: status.emoji, text: status.text, until: status.until ? isoTime(status.until) : null };

/** Pictures are data URLs of many kilobytes; a terminal has no use for them. */
function personDocument({ key: _, avatar: __, presence: ___, ...person }: PersonView) {
  return { ...person, status: statusOf({ ...person } as PersonView) };
}

interface StatusOptions {
  readonly emoji?: string;
  readonly until?: string;
  readonly clear?: boolean;
}

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const MINUTES = /^(\d{1,5})m$/;

/** When a status ends: `17:30` (today, or else tomorrow), `45m`, or a date. */
export function untilOf(text: string, now: number): number {
  const minutes = MINUTES.exec(text);
  if (minutes) return now + Number(minutes[1]) * 60_000;
  const clock = CLOCK.exec(text);
  if (clock) {
    const at = new Date(now);
    at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
    if (at.getTime() <= now) at.setDate(at.getDate() + 1);
    return at.getTime();
  }
  const at = Date.parse(text);
  if (at > now) return at;
  throw new CliError(EXIT.usage, '--until is a time to come: 17:30, 45m or 2030-01-31T09:00');
}

async function showStatus(session: Session): Promise<void> {
  const { entry, out } = session;
  const sync = await syncOf(session);
  const { me, conversations, workspace } = await sidebarOf(session);
  const unread = conversations.reduce((sum, c) => sum + (c.muted ? 0 : c.unread), 0);
  const status = statusOf(me);
  const { held, queued, failed, fetching } = sync;
  out.answer(
    {
      workspace: workspace.name || entry.name,
      relay: entry.relay,
      user: me.name,
      status,
      unread,
      messages: held,
      queued,
      failed,
      fetching,
    },
    () => [
      safeLine(`${workspace.name || entry.name} at ${entry.relay}, as ${me.name}`),
      ...(status
        ? [
            safeLine(
              `status: ${status.emoji} ${status.text}${status.until ? ` until ${localMinute(Date.parse(status.until))}` : ''}`,
            ),
          ]
        : []),
      `${held} messages here${fetching ? `, ${fetching} streams still to fetch` : ''}; ${unread} unread`,
      ...(queued ? [`${queued} of yours not sent yet`] : []),
      ...(failed ? [`${failed} of yours refused; see: parley ledger`] : []),
    ],
  );
}

export function addPeopleCommands(program: Command, cli: Cli): void {
  program
    .command('people')
    .description('who is in the workspace')
    .argument('[match]', 'only names and handles with this in them')
    .option('--limit <n>', 'how many', count, 1_000)
    .action(
      cli.inWorkspace('no', async (session, match: string | undefined, { limit }: { readonly limit: number }) => {
        const people = await ask(session, 'people', { match: match ?? '', limit });
        session.out.answer({ people: people.map(personDocument) }, () =>
          table(
            ['HANDLE', 'NAME', 'ROLE', 'TITLE', 'STATUS'],
            people.map(({ handle, name, role, bot, title, status }) => [
              `@${handle}`,
              name,
              bot ? 'bot' : role,
              title,
              status ? `${status.emoji} ${status.text}`.trim() : '',
            ]),
          ),
        );
      }),
    );

  program
    .command('status')
    .description('set what you are up to; without a text, how things stand')
    .argument('[text]', 'what you are up to')
    .option('--emoji <emoji>', 'shown beside your name')
    .option('--until <when>', 'when it ends: 17:30, 45m or a date')
    .option('--clear', 'take it back')
    .action(
      cli.inWorkspace('yes', async (session, text: string | undefined, { emoji, until, clear }: StatusOptions) => {
        if (text === undefined && emoji === undefined && !clear) return showStatus(session);
        const op = await session.client.call('profile.status', {
          ws: session.ws,
          emoji: clear ? '' : (emoji ?? ''),
          text: clear ? '' : (text ?? ''),
          until: clear || until === undefined ? 0 : untilOf(until, Date.now()),
        });
        await reportOp(session, op.id, clear ? 'status taken back' : 'status set');
      }),
    );

  program
    .command('profile')
    .description('change what others see of you')
    .option('--name <name>', 'what you are called')
    .option('--title <text>', 'what you do')
    .option('--pronouns <text>', 'how to speak of you')
    .option('--phone <number>', 'how to call you')
    .option('--tz <zone>', 'your time zone, such as Europe/Paris')
    .action(
      cli.inWorkspace(
        'yes',
        async (session, fields: Readonly<Record<'name' | 'title' | 'pronouns' | 'phone' | 'tz', string>>) => {
          if (Object.keys(fields).length === 0)
            throw new CliError(EXIT.usage, 'Name what to change, such as --title "Engineer".');
          const op = await session.client.call('profile.set', { ws: session.ws, ...fields });
          await reportOp(session, op.id, 'profile changed');
        },
      ),
    );
}
