import type { ChannelId, Role, SyncState } from '@parley/sync/model';
import { type Command, Option } from 'commander';
import type { Cli, HomeSession } from '../cli.ts';
import { demandRelay, reachRelay } from '../connection.ts';
import { CliError, EXIT } from '../exit.ts';
import { passwordOf } from '../input.ts';
import { isoTime, localMinute } from '../local-time.ts';
import { table } from '../output.ts';
import { channelOf } from '../resolve.ts';
import { safeLine } from '../safe-text.ts';
import { type Session, sidebarOf } from '../session.ts';

/** A new replica is usable once its recent-first copy is here, a second on most workspaces. */
const FIRST_SYNC_MS = 120_000;
const FIRST_SYNC_GRACE_MS = 5_000;

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];
const repeated = (value: string, former: readonly string[]): readonly string[] => [...former, value];
const passwordStdin = () => new Option('--password-stdin', 'read the password from standard input');

interface SignIn {
  readonly relay: string;
  readonly email: string;
  readonly passwordStdin?: boolean;
}

/** Waits until what was signed in to can be used, and says so. */
async function welcome({ engine, home, out }: HomeSession, joined: readonly { readonly id: string }[]): Promise<void> {
  const ids = new Set(joined.map(({ id }) => id));
  const entries = (await engine.client.once('workspaces', {})).filter(({ id }) => ids.has(id));
  if (entries.length === 0) throw new CliError(EXIT.refused, 'This account is in no workspace; ask for an invitation.');
  const workspaces: { id: string; name: string; user: string; author: string; state: SyncState }[] = [];
  for (const entry of entries) {
    out.note(`Signed in to ${entry.name}; fetching its conversations.`);
    const session: Session = {
      client: engine.client,
      home,
      entry,
      ws: entry.id,
      me: entry.user,
      databaseKey: engine.databaseKey,
      out,
      remote: engine.remote,
      online: true,
    };
    const { reach, detail } = await reachRelay(session, FIRST_SYNC_MS, FIRST_SYNC_GRACE_MS);
    if (reach !== 'live') out.note(`${detail} The first sync goes on with: parley sync`);
    const { workspace, me } = await sidebarOf(session);
    const { state } = await engine.client.once('sync', { ws: entry.id });
    workspaces.push({ id: entry.id, name: workspace.name || entry.name, user: entry.user, author: me.name, state });
  }
  out.answer({ workspaces }, () =>
    workspaces.map(({ name, author }) => `You are signed in to ${safeLine(name)} as ${safeLine(author)}.`),
  );
}

/** Relay and token of an invitation link, `https://relay/join#token` or with the token at the end of its path. */
export function parseInvitation(link: string): { readonly relay: string; readonly invite: string } {
  const url = URL.canParse(link) ? new URL(link) : null;
  const invite =
    url?.hash.slice(1) || url?.searchParams.get('token') || url?.pathname.split('/').filter(Boolean).at(-1);
  if (url && invite) return { relay: url.origin, invite: decodeURIComponent(invite) };
  throw new CliError(EXIT.usage, 'That is no invitation; give the whole link you were sent.');
}

export function addAccountCommands(program: Command, cli: Cli): void {
  program
    .command('login')
    .description('sign in to a relay on this machine')
    .requiredOption('--relay <url>', 'the relay’s address')
    .requiredOption('--email <address>', 'your e-mail address')
    .addOption(passwordStdin())
    .action(
      cli.withHome('yes', async (session, { relay, email, ...rest }: SignIn) => {
        const password = await passwordOf(rest, cli.io.stdin);
        const { workspaces } = await session.engine.client.call('account.login', { relay, email, password });
        await welcome(session, workspaces);
      }),
    );

  program
    .command('accept')
    .description('join a workspace by an invitation link')
    .argument('<link>', 'the invitation')
    .requiredOption('--email <address>', 'your e-mail address')
    .requiredOption('--name <name>', 'what you are called')
    .addOption(passwordStdin())
    .action(
      cli.withHome(
        'yes',
        async (session, link: string, { email, name, ...rest }: SignIn & { readonly name: string }) => {
          const password = await passwordOf(rest, cli.io.stdin);
          const { workspaces } = await session.engine.client.call('account.accept', {
            ...parseInvitation(link),
            email,
            name,
            password,
          });
          await welcome(session, workspaces);
        },
      ),
    );

  program
    .command('invite')
    .description('make a link by which somebody joins the workspace')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).default('member'))
    .option('--channel <name>', 'a channel they are brought into; may be given several times', repeated, [])
    .action(
      cli.inWorkspace(
        'yes',
        async (session, { role, channel }: { readonly role: Role; readonly channel: readonly string[] }) => {
          const channels: ChannelId[] = [];
          for (const name of channel) channels.push((await channelOf(session, name)).ch);
          await demandRelay(session);
          const { url, expiresAt } = await session.client.call('account.invite', { ws: session.ws, role, channels });
          session.out.answer({ url, expiresAt: isoTime(expiresAt), role }, () => [
            url,
            `It can be used until ${localMinute(expiresAt)}.`,
          ]);
        },
      ),
    );

  program
    .command('logout')
    .description('sign out, and remove the workspace’s replica from this machine')
    .action(
      cli.inWorkspace('yes', async ({ client, ws, entry, out }) => {
        await client.call('account.logout', { ws });
        out.answer({ workspace: { id: ws, name: entry.name } }, () => [
          `You are signed out of ${safeLine(entry.name)}; its replica is removed.`,
        ]);
      }),
    );

  program
    .command('whoami')
    .description('who you are in this workspace')
    .action(
      cli.inWorkspace('no', async (session) => {
        const { entry, out } = session;
        const { me, workspace } = await sidebarOf(session);
        const { id, name, handle, role } = me;
        const email = me.email ?? entry.email;
        out.answer(
          {
            id,
            name,
            handle,
            email,
            role,
            workspace: { id: entry.id, name: workspace.name || entry.name },
            relay: entry.relay,
          },
          () => [
            safeLine(`${name} (@${handle}, ${email}), ${role} of ${workspace.name || entry.name} at ${entry.relay}`),
          ],
        );
      }),
    );

  program
    .command('workspaces')
    .description('the workspaces signed in to on this machine')
    .action(
      cli.withHome('no', async ({ engine, out }) => {
        const entries = await engine.client.once('workspaces', {});
        out.answer({ workspaces: entries.map(({ key: _, ...entry }) => entry) }, () =>
          entries.length
            ? table(
                ['WORKSPACE', 'AS', 'RELAY', 'UNREAD', 'ID'],
                entries.map(({ name, email, relay, unread, id }) => [name, email, relay, String(unread), id]),
              )
            : ['You are not signed in here.'],
        );
      }),
    );
}
