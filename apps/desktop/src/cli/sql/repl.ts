import { createInterface } from 'node:readline';
import { columns } from '../columns.ts';
import { safeLine } from '../safe-text.ts';
import { DOCUMENTED_VIEWS } from '../views/documented-views.ts';
import { splitStatements } from './statements.ts';

type Terminal = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export interface ReplOptions {
  readonly input: Terminal;
  readonly output: NodeJS.WritableStream;
  /** Runs one statement and prints its answer. */
  run(sql: string, stopped: AbortSignal): Promise<void>;
}

/** Lines kept for the arrow keys, in memory alone: what was asked is nobody else's business. */
const HISTORY_LINES = 500;

const HELP = [
  'A statement ends with ; and may take several lines. Ctrl-C stops it.',
  '',
  '.views        what there is to ask',
  '.schema VIEW  the columns of a view',
  '.help         this',
  '.quit         ends (so does Ctrl-D)',
  '',
  "messages_search('words') finds messages by their words:",
  "  SELECT m.sent_at, m.author_name, m.text FROM messages_search('harbour') s JOIN messages m ON m.id = s.id;",
];

/** Answers a line that begins with a dot; null where the console is to end. */
function dotCommand(line: string): readonly string[] | null {
  const [command = '', name = ''] = line.trim().split(/\s+/);
  switch (command) {
    case '.quit':
    case '.exit':
      return null;
    case '.help':
      return HELP;
    case '.views':
      return columns(DOCUMENTED_VIEWS.map(({ name: view, about }) => [view, about]));
    case '.schema': {
      const view = DOCUMENTED_VIEWS.find((each) => each.name === name);
      if (!view) return [`There is no view ${safeLine(name) || '(name one)'}; see: .views`];
      return [
        view.about,
        ...columns(Object.entries(view.columns).map(([column, { type, about }]) => [column, type, about])),
      ];
    }
    default:
      return [`There is no ${safeLine(command)}; see: .help`];
  }
}

/** Talks with a person until they leave. */
export async function repl({ input, output, run }: ReplOptions): Promise<void> {
  const lines = createInterface({
    input,
    output,
    terminal: input.isTTY === true,
    historySize: HISTORY_LINES,
    prompt: 'parley> ',
  });
  let typed = '';
  let running: AbortController | null = null;
  let left = false;
  lines.on('close', () => {
    left = true;
  });
  const ready = (): void => {
    if (left) return;
    lines.setPrompt(typed ? '   ...> ' : 'parley> ');
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (running) return running.abort();
    typed = '';
    output.write('^C\n');
    // Takes what stands on the line with it.
    lines.write(null, { ctrl: true, name: 'u' });
    ready();
  });
  output.write('Your replica, for reading. .help says how, .views what there is, .quit ends.\n');
  ready();
  for await (const line of lines) {
    if (!typed && line.trimStart().startsWith('.')) {
      const said = dotCommand(line);
      if (said === null) break;
      output.write(`${said.join('\n')}\n`);
      ready();
      continue;
    }
    const { statements, rest } = splitStatements(`${typed}${line}\n`);
    typed = rest.trim() ? rest : '';
    const stopping = new AbortController();
    running = stopping;
    // What was typed with a statement that was stopped is not begun.
    for (const sql of statements) if (!stopping.signal.aborted) await run(sql, stopping.signal);
    running = null;
    ready();
  }
  lines.close();
}
