import type { MessageView, Names } from '@parley/sync/model';
import { isPendingQ } from '@parley/sync/replica';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { isoTime, localMinute } from '../local-time.ts';
import { typedTexts } from '../mentions.ts';
import { messageDocument } from '../message-document.ts';
import { messageLines } from '../message-lines.ts';
import { table } from '../output.ts';
import { channelOf, heldTarget, messageOf, targetOf } from '../resolve.ts';
import { safeLine, safeText } from '../safe-text.ts';
import { ask, type Session, sidebarOf } from '../session.ts';
import { shownIds } from '../shown-id.ts';
import { count } from './options.ts';

const NO_NAMES: Names = { users: {}, channels: {}, emoji: {} };

async function answerMessages(
  session: Session,
  messages: readonly MessageView[],
  names: Names,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const typed = await typedTexts(
    session,
    messages.map(({ text }) => text),
    names,
  );
  session.out.answer({ ...more, messages: messages.map((message) => messageDocument(message, typed)) }, () =>
    messages.length
      ? messageLines(
          messages,
          typed,
          shownIds(
            session,
            messages.map(({ id }) => id),
          ),
        )
      : ['Nothing here yet.'],
  );
}

async function readThread(session: Session, id: string, limit?: number): Promise<void> {
  const found = await messageOf(session, id);
  let view = await ask(session, 'thread', { root: found });
  // A reply stands for the thread it is in.
  if (view.root?.thread) view = await ask(session, 'thread', { root: view.root.thread });
  const replies = limit === undefined ? view.replies : view.replies.slice(-limit);
  await answerMessages(session, view.root ? [view.root, ...replies] : replies, view.names, {
    following: view.following,
  });
}

async function read(
  session: Session,
  where: string,
  { limit, thread }: { readonly limit: number; readonly thread?: string },
): Promise<void> {
  if (thread !== undefined) return readThread(session, thread, limit);
  const place = await heldTarget(session, await targetOf(session, where));
  const view = await ask(session, 'timeline', { ch: place.ch, anchor: { at: 'latest' }, before: limit, after: 0 });
  // What waits here stands beyond the page that was asked for.
  const messages = view.messages.slice(-limit);
  if (view.fetching && messages.length < limit) session.out.note('Older messages are not here yet; run: parley sync');
  await answerMessages(session, messages, view.names, { channel: place.label });
}

export function addReadingCommands(program: Command, cli: Cli): void {
  program
    .command('read')
    .description('the latest messages of a conversation, oldest first')
    .argument('<where>', '#channel, @handle, or several people separated by commas')
    .option('--limit <n>', 'how many', count, 20)
    .option('--thread <id>', 'the replies to this message instead')
    .action(cli.inWorkspace('no', read));

  program
    .command('thread')
    .description('a message and the replies to it')
    .argument('<id>', 'the message, or a reply')
    .option('--limit <n>', 'how many replies, the latest; all of them otherwise', count)
    .action(
      cli.inWorkspace('no', (session, id: string, { limit }: { readonly limit?: number }) =>
        readThread(session, id, limit),
      ),
    );

  program
    .command('search')
    .description('messages that contain all the words, newest first')
    .argument('<words...>', 'what to look for')
    .option('--limit <n>', 'how many', count, 20)
    .option('--in <channel>', 'look in this conversation only')
    .action(
      cli.inWorkspace(
        'no',
        async (
          session,
          words: readonly string[],
          { limit, in: where }: { readonly limit: number; readonly in?: string },
        ) => {
          const ch = where === undefined ? undefined : (await heldTarget(session, await targetOf(session, where))).ch;
          const found = await ask(session, 'search', { text: words.join(' '), limit, ...(ch ? { ch } : {}) });
          const hits = found.hits.map(({ id, channel, author, at, text, q, thread }) => ({
            id,
            channel,
            author,
            at: isoTime(at),
            text,
            seq: isPendingQ(q) ? null : q,
            thread,
          }));
          session.out.answer({ total: found.total, complete: found.complete, hits }, () => {
            const shown = shownIds(
              session,
              hits.map(({ id }) => id),
            );
            return [
              ...found.hits.flatMap(({ id, channel, author, at, text }) => [
                `${localMinute(at)}  ${safeLine(channel)}  ${safeLine(author)}  [${shown(id)}]`,
                `    ${safeLine(text)}`,
              ]),
              `${found.total} found${found.total > found.hits.length ? `, ${found.hits.length} shown` : ''}.${
                found.complete ? '' : ' Not everything is on this machine yet; run: parley sync'
              }`,
            ];
          });
        },
      ),
    );

  program
    .command('pins')
    .description('what is pinned to a channel')
    .argument('<channel>', '#channel')
    .action(
      cli.inWorkspace('no', async (session, where: string) =>
        answerMessages(session, await ask(session, 'pins', { ch: (await channelOf(session, where)).ch }), NO_NAMES),
      ),
    );

  program
    .command('saved')
    .description('messages you saved for later')
    .action(
      cli.inWorkspace('no', async (session) =>
        answerMessages(session, await session.client.once('saved', { ws: session.ws }), NO_NAMES),
      ),
    );

  program
    .command('history')
    .description('what an edited message said before')
    .argument('<id>', 'the message')
    .action(
      cli.inWorkspace('no', async (session, id: string) => {
        const { versions } = await ask(session, 'history', { msg: await messageOf(session, id) });
        session.out.answer({ versions: versions.map(({ text, at }) => ({ text, at: isoTime(at) })) }, () =>
          versions.flatMap(({ text, at }) => [`— ${localMinute(at)} —`, safeText(text)]),
        );
      }),
    );

  program
    .command('unread')
    .description('conversations with something unread')
    .action(
      cli.inWorkspace('no', async (session) => {
        const { conversations, threadsUnread } = await sidebarOf(session);
        const unread = conversations
          .filter((c) => c.unread > 0)
          .map(({ id, kind, name, unread: messages, mentions, muted }) => ({
            id,
            channel: kind === 'public' || kind === 'private' ? `#${name}` : name,
            unread: messages,
            mentions,
            muted,
          }));
        const total = unread.reduce((sum, c) => sum + (c.muted ? 0 : c.unread), 0);
        session.out.answer({ total, threads: threadsUnread, conversations: unread }, () =>
          unread.length
            ? table(
                ['CONVERSATION', 'UNREAD', 'MENTIONS'],
                unread.map((c) => [c.channel, String(c.unread), String(c.mentions)]),
              )
            : ['Everything is read.'],
        );
      }),
    );
}
