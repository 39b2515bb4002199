import Type from 'typebox';
import { compileCheck, pageProblem } from '../model/mod.ts';
import { RowsFrame } from '../protocol/mod.ts';

/** First line of a bootstrap: the position everything after it was read at. */
const Opening = compileCheck<{ bootstrap: 1; cursor: string; epoch: string }>(
  Type.Object({
    bootstrap: Type.Literal(1),
    cursor: Type.String({ maxLength: 512 }),
    epoch: Type.String({ maxLength: 64 }),
  }),
);
const isFrame = compileCheck<RowsFrame>(RowsFrame);
/** Last line: without it the copy was cut short and is thrown away. */
const Closing = compileCheck<{ end: true; frames: number }>(
  Type.Object({ end: Type.Literal(true), frames: Type.Integer({ minimum: 0 }) }),
);

export type BootstrapResult =
  | { readonly ok: true; readonly frames: readonly RowsFrame[]; readonly cursor: string }
  | { readonly ok: false; readonly detail: string };

/** Collects a bootstrap and says whether it came whole. Nothing of one that didn't is ever used. */
export class BootstrapReader {
  #cursor: string | null = null;
  #ended: number | null = null;
  #problem: string | null = null;
  readonly #frames: RowsFrame[] = [];

  take(value: unknown): void {
    if (this.#problem !== null) return;
    if (this.#cursor === null) {
      if (Opening(value)) this.#cursor = value.cursor;
      else this.#problem = `its first line is not one (${Opening.problem(value)})`;
    } else if (this.#ended !== null) this.#problem = 'it goes on after its end';
    else if (Closing(value)) this.#ended = value.frames;
    else {
      if (isFrame(value)) {
        this.#frames.push(value);
        this.#problem = pageProblem(value.tables);
      } else this.#problem = isFrame.problem(value);
    }
  }

  finish(): BootstrapResult {
    if (this.#problem !== null) return { ok: false, detail: `The relay’s copy can’t be read: ${this.#problem}.` };
    if (this.#cursor === null || this.#ended === null || this.#ended !== this.#frames.length)
      return { ok: false, detail: 'The relay’s copy was cut short.' };
    return { ok: true, frames: this.#frames, cursor: this.#cursor };
  }
}
