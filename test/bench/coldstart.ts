import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeWith, inProcess, keyOf, replicaOf } from './bootstrap-scene.ts';
import { bigWorkspace, MILLION } from './bootstrap-workspace.ts';
import { type Bench, quantile, result } from './report.ts';

/** Openings of each, by turns, each in a process of its own; the middle one counts. */
const TIMES = 9;

export async function benchColdstart(messages = MILLION): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const home = await homeWith(await bigWorkspace(messages), join(directory, 'home'));
    const asked = join(directory, 'asked.json');
    await inProcess('coldstart-engine.ts', [home, asked]);
    const key = await keyOf(home);
    const [engine, opening, bare]: [number[], number[], number[]] = [[], [], []];
    for (let at = 0; at < TIMES; at++) {
      const { ms, openMs } = await inProcess<{ ms: number; openMs: number }>('coldstart-engine.ts', [home]);
      engine.push(ms);
      opening.push(openMs);
      bare.push((await inProcess<{ ms: number }>('coldstart-bare.ts', [replicaOf(home), key, asked])).ms);
    }
    return {
      bench: 'coldstart',
      results: [
        result(
          `open, sidebar, first page, ${messages} messages`,
          'ms',
          quantile(engine, 0.5),
          quantile(bare, 0.5),
          { atMost: 1.3 },
          `of it ${Math.round(quantile(opening, 0.5))} ms opening; the file is in the system's cache, modules are loaded; baseline: the same file and statements in bare better-sqlite3`,
        ),
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
