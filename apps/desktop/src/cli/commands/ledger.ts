import type { OpId } from '@parley/sync/model';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { textOf } from '../input.ts';
import { isoTime, localMinute } from '../local-time.ts';
import { toStored } from '../mentions.ts';
import { table } from '../output.ts';
import { reportOp } from '../report-op.ts';
import { opOf } from '../resolve.ts';
import type { Session } from '../session.ts';
import { shownId } from '../shown-id.ts';

const STATES = { queued: 'not sent yet', sent: 'on its way', failed: 'refused' } as const;

async function list(session: Session): Promise<void> {
  const entries = await session.client.once('ledger', { ws: session.ws });
  session.out.answer({ entries: entries.map(({ key: _, ...entry }) => ({ ...entry, at: isoTime(entry.at) })) }, () =>
    entries.length
      ? table(
          ['ID', 'WHEN', 'WHERE', 'WHAT', 'STATE', ''],
          entries.map(({ id, at, channel, kind, summary, state, detail }) => [
            shownId(id),
            localMinute(at),
            channel,
            summary || kind,
            STATES[state],
            detail ?? '',
          ]),
        )
      : ['Everything of yours is with the relay.'],
  );
}

export function addLedgerCommands(program: Command, cli: Cli): void {
  const ledger = program
    .command('ledger')
    .description('what of yours the relay has not confirmed, and why')
    .action(cli.inWorkspace('no', list));

  const change = (
    name: string,
    description: string,
    text: boolean,
    act: (session: Session, op: OpId, typed: string) => Promise<boolean>,
  ): void => {
    const command = ledger.command(name).description(description).argument('<id>', 'the op');
    if (text) command.argument('[text]', 'the new text; standard input where it is left out');
    command.action(
      cli.inWorkspace('yes', async (session, id: string, ...rest: readonly unknown[]) => {
        const op = await opOf(session, id);
        const typed = text ? await textOf(typeof rest[0] === 'string' ? rest[0] : undefined, cli.io.stdin) : '';
        const goesOut = await act(session, op, typed);
        if (goesOut) return reportOp(session, op, name);
        session.out.answer({ id: op, state: 'dropped' }, () => [`Dropped [${shownId(op)}].`]);
      }),
    );
  };
  change('retry', 'send a refused one again', false, async ({ client, ws }, op) => {
    await client.call('ledger.retry', { ws, op });
    return true;
  });
  change('edit', 'send a waiting or refused message with another text', true, async (session, op, typed) => {
    await session.client.call('ledger.edit', { ws: session.ws, op, text: await toStored(session, typed) });
    return true;
  });
  change('drop', 'give one up', false, async ({ client, ws }, op) => {
    await client.call('ledger.drop', { ws, op });
    return false;
  });
}
