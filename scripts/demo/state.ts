import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DemoPerson {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** What the demo remembers of its first run. `ready` comes last: without it the first run broke off and starts over. */
export interface DemoState {
  readonly ready: boolean;
  /** Where the relay listened first; the people's machines look for it there. */
  readonly port: number;
  readonly people: readonly DemoPerson[];
}

const file = (dir: string): string => join(dir, 'demo.json');

export function readState(dir: string): DemoState | null {
  let text: string;
  try {
    text = readFileSync(file(dir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return JSON.parse(text) as DemoState;
}

export function writeState(dir: string, state: DemoState): void {
  const next = `${file(dir)}.next`;
  writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file(dir));
}
