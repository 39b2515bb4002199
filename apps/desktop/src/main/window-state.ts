import { readFileSync, writeFileSync } from 'node:fs';
import { compileCheck } from '@parley/sync/model';
import Type from 'typebox';
import { parseJson } from '../ports/json.ts';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface WindowState {
  readonly bounds: Bounds;
  readonly maximized: boolean;
}

const Length = Type.Integer({ minimum: 1, maximum: 100_000 });
const Place = Type.Integer({ minimum: -100_000, maximum: 100_000 });
const isWindowState = compileCheck<WindowState>(
  Type.Object({
    bounds: Type.Object({ x: Place, y: Place, width: Length, height: Length }),
    maximized: Type.Boolean(),
  }),
);

/** How much of a window has to be on a screen to be found and dragged. */
const VISIBLE_PX = 80;

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);

/** Where the window was, if it is known and still on one of the `screens`: one of them may be gone. */
export function readWindowState(file: string, screens: readonly Bounds[]): WindowState | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const state = parseJson(text);
  if (!isWindowState(state)) return null;
  const { x, y, width, height } = state.bounds;
  const seen = screens.some(
    (screen) =>
      overlap(x, width, screen.x, screen.width) >= VISIBLE_PX &&
      overlap(y, height, screen.y, screen.height) >= VISIBLE_PX,
  );
  return seen ? state : null;
}

/** Keeps it for next time. Where that fails the window opens at its default place, which is no reason to bother anyone. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // As above.
  }
}
