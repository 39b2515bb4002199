import type { MessageId, OpId } from '@parley/sync/model';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, EXIT } from '../exit.ts';
import { textOf } from '../input.ts';
import { toStored } from '../mentions.ts';
import { reportOp } from '../report-op.ts';
import { messageOf, openTarget, peopleOf, type Target, targetOf } from '../resolve.ts';
import { safeLine } from '../safe-text.ts';
import type { Session } from '../session.ts';
import { settleAll } from '../settle.ts';

interface SendOptions {
  readonly thread?: string;
  readonly also?: boolean;
  readonly me?: boolean;
  readonly literal?: boolean;
}

async function send(
  session: Session,
  typed: string,
  target: Target,
  { thread, also, me, literal }: SendOptions,
): Promise<void> {
  if (also && thread === undefined)
    throw new CliError(EXIT.usage, '--also goes with --thread: it shows a reply in the conversation too.');
  const root = thread === undefined ? undefined : await messageOf(session, thread);
  const text = literal ? typed : await toStored(session, typed);
  const place = await openTarget(session, target);
  const { id } = await session.client.call('message.send', {
    ws: session.ws,
    ch: place.ch,
    text,
    ...(root ? { thread: root } : {}),
    ...(also ? { also } : {}),
    ...(me ? { me } : {}),
  });
  await reportOp(session, id, `to ${safeLine(place.label)}`);
}

export function addMessageCommands(program: Command, cli: Cli): void {
  program
    .command('send')
    .description('send a message; works offline, and goes out with the next connection')
    .argument('[text]', 'what to say; standard input where it is left out')
    .requiredOption('--to <where>', '#channel, @handle, or several people separated by commas')
    .option('--thread <id>', 'reply to this message')
    .option('--also', 'show the reply in the conversation too')
    .option('--me', 'as an action: * Ada waves')
    .option('--literal', 'leave @names and #names as they are: nobody is mentioned')
    .action(
      cli.inWorkspace(
        'yes',
        async (session, text: string | undefined, { to, ...options }: SendOptions & { readonly to: string }) =>
          send(session, await textOf(text, cli.io.stdin), await targetOf(session, to), options),
      ),
    );

  program
    .command('dm')
    .description('talk to somebody directly')
    .argument('<people>', '@handle, or several separated by commas')
    .argument('[text]', 'what to say; without it the conversation is only opened')
    .option('--literal', 'leave @names and #names as they are: nobody is mentioned')
    .action(
      cli.inWorkspace(
        'yes',
        async (session, people: string, text: string | undefined, options: { readonly literal?: boolean }) => {
          const target = { people: await peopleOf(session, people) };
          if (text !== undefined) return send(session, await textOf(text, cli.io.stdin), target, options);
          const { ch, label } = await openTarget(session, target);
          const state = await settleAll(session);
          session.out.answer({ channel: ch, with: target.people.map(({ id }) => id), state }, () => [
            `The conversation with ${safeLine(label)} is open.`,
          ]);
        },
      ),
    );

  program
    .command('edit')
    .description('change what a message of yours says')
    .argument('<id>', 'the message')
    .argument('[text]', 'the new text; standard input where it is left out')
    .option('--literal', 'leave @names and #names as they are: nobody is mentioned')
    .action(
      cli.inWorkspace(
        'yes',
        async (session, id: string, text: string | undefined, options: { readonly literal?: boolean }) => {
          const msg = await messageOf(session, id);
          const typed = await textOf(text, cli.io.stdin);
          const op = await session.client.call('message.edit', {
            ws: session.ws,
            msg,
            text: options.literal ? typed : await toStored(session, typed),
          });
          await reportOp(session, op.id, 'edited', { message: msg });
        },
      ),
    );

  program
    .command('delete')
    .description('delete a message')
    .argument('<id>', 'the message')
    .action(
      cli.inWorkspace('yes', async (session, id: string) => {
        const msg = await messageOf(session, id);
        const op = await session.client.call('message.delete', { ws: session.ws, msg });
        await reportOp(session, op.id, 'deleted', { message: msg });
      }),
    );

  program
    .command('react')
    .description('react to a message')
    .argument('<id>', 'the message')
    .argument('<emoji>', 'an emoji, or the :name: of a custom one')
    .option('--remove', 'take the reaction back')
    .action(
      cli.inWorkspace('yes', async (session, id: string, emoji: string, { remove }: { readonly remove?: boolean }) => {
        const msg = await messageOf(session, id);
        const op = await session.client.call('message.react', { ws: session.ws, msg, emoji, on: !remove });
        await reportOp(session, op.id, remove ? 'reaction taken back' : safeLine(emoji), { message: msg });
      }),
    );

  const toggle = (
    name: string,
    description: string,
    remove: string,
    write: (session: Session, msg: MessageId, on: boolean) => Promise<{ id: OpId }>,
  ) =>
    program
      .command(name)
      .description(description)
      .argument('<id>', 'the message')
      .option('--remove', remove)
      .action(
        cli.inWorkspace('yes', async (session, id: string, options: { readonly remove?: boolean }) => {
          const msg = await messageOf(session, id);
          const op = await write(session, msg, !options.remove);
          await reportOp(session, op.id, options.remove ? 'taken back' : `${name} set`, { message: msg });
        }),
      );
  toggle('pin', 'pin a message to its conversation', 'unpin it', ({ client, ws }, msg, on) =>
    client.call('message.pin', { ws, msg, on }),
  );
  toggle('save', 'save a message for later', 'take it off the list', ({ client, ws }, msg, on) =>
    client.call('message.save', { ws, msg, on }),
  );
  toggle('follow', 'be told of replies to a message', 'no longer be told', ({ client, ws }, root, on) =>
    client.call('thread.follow', { ws, root, on }),
  );
}
