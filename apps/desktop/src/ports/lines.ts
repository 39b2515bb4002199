const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. `push` answers whole lines, or null once a line is longer than `maxBytes`. */
export class LineReader {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): readonly string[] | null {
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      if (!this.#hold(chunk.subarray(from, at))) return null;
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#heldBytes = 0;
      from = at + 1;
    }
    return this.#hold(chunk.subarray(from)) ? lines : null;
  }

  #hold(part: Buffer): boolean {
    if (part.length) this.#parts.push(part);
    this.#heldBytes += part.length;
    return this.#heldBytes <= this.#maxBytes;
  }
}
