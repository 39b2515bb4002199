import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { heldTarget, messageOf, targetOf } from '../resolve.ts';
import { safeLine } from '../safe-text.ts';
import { ask, type Session, sidebarOf } from '../session.ts';
import { settleAll } from '../settle.ts';

async function report(session: Session, line: string): Promise<void> {
  const state = await settleAll(session);
  session.out.answer({ state }, () => [line]);
}

export function addMarkCommands(program: Command, cli: Cli): void {
  const mark = program.command('mark').description('how far you have read');
  mark
    .command('read')
    .description('a conversation is read up to its end; without a name all of them are')
    .argument('[where]', '#channel, @handle, or several people separated by commas')
    .action(
      cli.inWorkspace('yes', async (session, where: string | undefined) => {
        const { client, ws } = session;
        if (where === undefined) {
          const { conversations } = await sidebarOf(session);
          for (const { id, unread } of conversations) if (unread > 0) await client.call('read.mark', { ws, ch: id });
          return report(session, 'Everything is read.');
        }
        const place = await heldTarget(session, await targetOf(session, where));
        await client.call('read.mark', { ws, ch: place.ch });
        await report(session, `${safeLine(place.label)} is read.`);
      }),
    );
  mark
    .command('unread')
    .description('a message and what follows it are unread')
    .argument('<id>', 'the message')
    .action(
      cli.inWorkspace('yes', async (session, id: string) => {
        await session.client.call('read.unread', { ws: session.ws, msg: await messageOf(session, id) });
        await report(session, 'Unread from that message on.');
      }),
    );
  mark
    .command('thread')
    .description('the replies to a message are read')
    .argument('<id>', 'the message, or a reply')
    .action(
      cli.inWorkspace('yes', async (session, id: string) => {
        const found = await messageOf(session, id);
        const { root } = await ask(session, 'thread', { root: found });
        await session.client.call('read.thread', { ws: session.ws, root: root?.thread ?? found });
        await report(session, 'The thread is read.');
      }),
    );
}
