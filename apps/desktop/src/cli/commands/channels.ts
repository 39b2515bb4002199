import type { ChannelId, ChannelRole, OpId } from '@parley/sync/model';
import { Argument, type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { isoTime, localDay } from '../local-time.ts';
import { table } from '../output.ts';
import { reportOp } from '../report-op.ts';
import { channelOf, peopleOf, personOf } from '../resolve.ts';
import { safeLine, safeText } from '../safe-text.ts';
import { ask, type Session, sidebarOf } from '../session.ts';
import { settle, settleAll } from '../settle.ts';

/** People listed of a channel; `info` is no export. */
const MEMBERS_SHOWN = 1_000;

interface Prefs {
  readonly star?: boolean;
  readonly mute?: boolean;
  readonly hide?: boolean;
  readonly notify?: 'default' | 'all' | 'mentions' | 'nothing';
}

async function list(session: Session, { all }: { readonly all?: boolean }): Promise<void> {
  const { conversations } = await sidebarOf(session);
  const channels = conversations
    .filter(({ kind }) => kind === 'public' || kind === 'private')
    .map(({ id, name, kind, unread, mentions, archived }) => ({
      id,
      name,
      kind,
      joined: true,
      unread,
      mentions,
      archived,
      topic: undefined as string | undefined,
    }));
  const held = new Set<ChannelId>(channels.map(({ id }) => id));
  if (all)
    for (const { id, name, archived, topic, joined } of await ask(session, 'directory', { match: '' }))
      if (!held.has(id)) channels.push({ id, name, kind: 'public', joined, unread: 0, mentions: 0, archived, topic });
  channels.sort((a, b) => (a.name < b.name ? -1 : 1));
  session.out.answer({ channels }, () =>
    table(
      ['CHANNEL', 'KIND', 'YOU', 'UNREAD', ''],
      channels.map(({ name, kind, joined, unread, archived }) => [
        `#${name}`,
        kind,
        joined ? 'in' : '-',
        unread ? String(unread) : '',
        archived ? 'archived' : '',
      ]),
    ),
  );
}

async function info(session: Session, name: string): Promise<void> {
  const { ch } = await channelOf(session, name);
  const view = await ask(session, 'channel', { ch });
  if (!view) throw new Error(`invariant broken: ${ch} was found and is not there`);
  const members = await ask(session, 'members', { ch, limit: MEMBERS_SHOWN });
  const { can: _, draft: __, createdAt, ...rest } = view;
  const people = members.map(({ id, name: called, handle, channelRole }) => ({
    id,
    name: called,
    handle,
    role: channelRole,
  }));
  session.out.answer({ ...rest, createdAt: isoTime(createdAt), members: people }, () => [
    safeLine(
      `#${view.name} (${view.kind}${view.archived ? ', archived' : ''}${view.joined ? '' : ', you are not in it'})`,
    ),
    ...(view.topic ? [`topic    ${safeLine(view.topic)}`] : []),
    ...(view.purpose ? [`purpose  ${safeText(view.purpose)}`] : []),
    `created  ${localDay(createdAt)} by ${safeLine(view.creator)}`,
    `members  ${view.memberCount}`,
    ...table(
      ['', 'HANDLE', 'NAME'],
      people.map(({ name: called, handle, role }) => [role === 'admin' ? '*' : '', `@${handle}`, called]),
    ),
  ]);
}

export function addChannelCommands(program: Command, cli: Cli): void {
  const channel = program.command('channel').description('channels: make, join, change and list them');

  channel
    .command('create')
    .description('make a channel')
    .argument('<name>', 'its name, with or without #')
    .option('--private', 'only people who were invited see it')
    .option('--topic <text>', 'what it is about at present')
    .option('--purpose <text>', 'what it is for')
    .action(
      cli.inWorkspace(
        'yes',
        async (
          session,
          name: string,
          options: { readonly private?: boolean; readonly topic?: string; readonly purpose?: string },
        ) => {
          const { id, ch } = await session.client.call('channel.create', {
            ws: session.ws,
            name: name.replace(/^#/, '').normalize('NFC'),
            private: options.private ?? false,
            ...(options.topic === undefined ? {} : { topic: options.topic }),
            ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
          });
          const state = await settle(session, [id]);
          session.out.answer({ id, channel: ch, state }, () => [
            `#${safeLine(name.replace(/^#/, ''))} is made${state === 'sent' ? '' : ' here, and on the relay with the next connection'}.`,
          ]);
        },
      ),
    );

  /** A command that ends in one op about one channel; `more` are its arguments after the channel. */
  const about = (
    name: string,
    description: string,
    more: readonly Argument[],
    write: (session: Session, ch: ChannelId, ...args: readonly string[]) => Promise<{ id: OpId }>,
  ): void => {
    const command = channel.command(name).description(description).argument('<channel>', '#channel, or its id');
    for (const argument of more) command.addArgument(argument);
    command.action(
      cli.inWorkspace('yes', async (session, where: string, ...rest: readonly unknown[]) => {
        const { ch, label } = await channelOf(session, where);
        const args = rest.slice(0, more.length).map((arg) => (Array.isArray(arg) ? arg.join(',') : String(arg)));
        const { id } = await write(session, ch, ...args);
        await reportOp(session, id, `${name} ${safeLine(label)}`, { channel: ch });
      }),
    );
  };
  const people = new Argument('<people...>', '@handle, name or e-mail address');
  const person = new Argument('<person>', '@handle, name or e-mail address');
  const text = (what: string) => new Argument('<text>', what);

  about('join', 'enter a public channel', [], ({ client, ws }, ch) => client.call('channel.join', { ws, ch }));
  about('leave', 'leave a channel', [], ({ client, ws }, ch) => client.call('channel.leave', { ws, ch }));
  about('invite', 'bring people into a channel', [people], async (session, ch, names = '') => {
    const users = (await peopleOf(session, names)).map(({ id }) => id);
    return session.client.call('channel.invite', { ws: session.ws, ch, users });
  });
  about('remove', 'take somebody out of a channel', [person], async (session, ch, name = '') => {
    const { id: user } = await personOf(session, name);
    return session.client.call('channel.remove', { ws: session.ws, ch, user });
  });
  about(
    'role',
    'make a member an admin of a channel, or take that back',
    [person, new Argument('<role>', 'what they are in it').choices(['admin', 'member'])],
    async (session, ch, name = '', role) => {
      const { id: user } = await personOf(session, name);
      return session.client.call('channel.role', { ws: session.ws, ch, user, role: role as ChannelRole });
    },
  );
  about('archive', 'close a channel; it stays readable', [], ({ client, ws }, ch) =>
    client.call('channel.archive', { ws, ch, on: true }),
  );
  about('unarchive', 'open an archived channel again', [], ({ client, ws }, ch) =>
    client.call('channel.archive', { ws, ch, on: false }),
  );
  about(
    'topic',
    'say what a channel is about at present',
    [text('the topic; "" for none')],
    ({ client, ws }, ch, topic = '') => client.call('channel.topic', { ws, ch, topic }),
  );
  about(
    'purpose',
    'say what a channel is for',
    [text('the purpose; "" for none')],
    ({ client, ws }, ch, purpose = '') => client.call('channel.purpose', { ws, ch, purpose }),
  );
  about(
    'rename',
    'give a channel another name',
    [new Argument('<name>', 'the new name')],
    ({ client, ws }, ch, name = '') =>
      client.call('channel.rename', { ws, ch, name: name.replace(/^#/, '').normalize('NFC') }),
  );
  about('delete', 'delete a channel and everything in it, for everyone', [], ({ client, ws }, ch) =>
    client.call('channel.delete', { ws, ch }),
  );
  about('convert', 'make a public channel private', [], ({ client, ws }, ch) =>
    client.call('channel.convert', { ws, ch }),
  );

  channel
    .command('list')
    .description('the channels you are in')
    .option('--all', 'and every public one')
    .action(cli.inWorkspace('no', list));
  channel
    .command('info')
    .description('a channel and who is in it')
    .argument('<channel>', '#channel, or its id')
    .action(cli.inWorkspace('no', info));

  channel
    .command('prefs')
    .description('how a channel shows and notifies for you')
    .argument('<channel>', '#channel, or its id')
    .option('--star', 'keep it on top')
    .option('--no-star')
    .option('--mute', 'no notifications, and not counted as unread')
    .option('--no-mute')
    .option('--hide', 'leave it out of the list until somebody writes')
    .option('--no-hide')
    .addOption(new Option('--notify <what>', 'what you are told of').choices(['default', 'all', 'mentions', 'nothing']))
    .action(
      cli.inWorkspace('yes', async (session, where: string, { hide, ...prefs }: Prefs) => {
        const { ch, label } = await channelOf(session, where);
        await session.client.call('channel.prefs', {
          ws: session.ws,
          ch,
          ...prefs,
          ...(hide === undefined ? {} : { hidden: hide }),
        });
        const state = await settleAll(session);
        session.out.answer({ channel: ch, state }, () => [`${safeLine(label)} is changed for you.`]);
      }),
    );
}
