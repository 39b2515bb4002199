import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CliError, EXIT } from '../exit.ts';
import type { Answer, Cell, Opening, Question } from './answering.ts';

const CHILD = fileURLToPath(new URL('./reader-child.ts', import.meta.url));

export interface AskOptions {
  /** Rows wanted at most; null for all. */
  readonly limit: number | null;
  /** How long the statement may look for its next rows; null for as long as it takes. */
  readonly timeoutMs: number | null;
  readonly stopped: AbortSignal;
}

/** What becomes of an answer. The next rows are fetched when those before were taken. */
export interface AnswerTaker {
  columns(names: readonly string[]): void;
  rows(rows: readonly (readonly Cell[])[]): Promise<void>;
}

/** Runs statements against a replica, one at a time, in a process that is ended where one takes too long. */
export class ReplicaConsole {
  readonly #opening: Opening;
  #child: ChildProcess | null = null;

  constructor(opening: Opening) {
    this.#opening = opening;
  }

  /** Says whether there were more rows than the limit. Throws a `CliError` where there is no answer. */
  async ask(sql: string, { limit, timeoutMs, stopped }: AskOptions, taker: AnswerTaker): Promise<boolean> {
    const child = await this.#opened();
    let question: Question = { is: 'ask', sql, limit };
    for (;;) {
      const answers = await this.#exchange(child, question, timeoutMs, stopped);
      for (const answer of answers) {
        if (answer.is === 'columns') taker.columns(answer.names);
        if (answer.is === 'rows') await taker.rows(answer.rows);
        if (answer.is === 'problem') throw new CliError(EXIT.refused, answer.detail);
        if (answer.is === 'end') return answer.more;
      }
      question = { is: 'more' };
    }
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  async #opened(): Promise<ChildProcess> {
    if (this.#child?.connected) return this.#child;
    const cache = getCompileCacheDir();
    const child = fork(CHILD, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) },
    });
    this.#child = child;
    const [answer] = await this.#exchange(child, this.#opening, null, new AbortController().signal);
    if (answer?.is === 'problem') throw new CliError(EXIT.refused, answer.detail);
    return child;
  }

  /** Asks, and waits for rows, for an end or for a problem. */
  #exchange(
    child: ChildProcess,
    question: Question,
    timeoutMs: number | null,
    stopped: AbortSignal,
  ): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      const heard: Answer[] = [];
      const end = (why: string): void => {
        settle();
        this.close();
        reject(new CliError(EXIT.refused, why));
      };
      const onStop = (): void => end('Stopped.');
      const onExit = (): void =>
        end(
          question.is === 'open'
            ? 'The process that reads your replica did not start.'
            : 'The statement took down the process it ran in; it may have needed too much memory.',
        );
      const onMessage = (answer: Answer): void => {
        heard.push(answer);
        if (answer.is === 'columns') return;
        settle();
        resolve(heard);
      };
      const timer =
        timeoutMs === null
          ? undefined
          : setTimeout(() => end(`Stopped after ${timeoutMs / 1_000} s; --timeout allows more.`), timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        stopped.removeEventListener('abort', onStop);
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      stopped.addEventListener('abort', onStop);
      child.on('message', onMessage);
      child.on('exit', onExit);
      if (stopped.aborted) return onStop();
      child.send(question, (error) => error && onExit());
    });
  }
}
