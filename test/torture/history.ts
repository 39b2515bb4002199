import { createWriteStream, type WriteStream } from 'node:fs';

/** Everything that is known to have happened, in order, a line of JSON each: what to read when a run failed. */
export class History {
  readonly file: string;
  readonly #stream: WriteStream;
  readonly #began = performance.now();

  constructor(file: string) {
    this.file = file;
    this.#stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  }

  /** Since the run began, ms. */
  get elapsed(): number {
    return performance.now() - this.#began;
  }

  note(who: string, what: string, more: object = {}): void {
    this.#stream.write(`${JSON.stringify({ t: Math.round(this.elapsed), who, what, ...more })}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve));
  }
}
