import { cpus, totalmem } from 'node:os';

/** One figure beside its bare baseline of the same run. `ratio` is value / baseline in the figure's own unit. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline: number;
  readonly ratio: number;
  /** What the ratio is held against: at least, or at most. */
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
  readonly ok: boolean;
  readonly note?: string;
}

const round = (n: number): number => (Math.abs(n) >= 100 ? Math.round(n) : Number(n.toPrecision(3)));

export function result(
  name: string,
  unit: string,
  value: number,
  baseline: number,
  target: BenchResult['target'],
  note?: string,
): BenchResult {
  const ratio = value / baseline;
  const ok = 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
  return {
    name,
    unit,
    value: round(value),
    baseline: round(baseline),
    ratio: round(ratio),
    target,
    ok,
    ...(note ? { note } : {}),
  };
}

export interface Bench {
  readonly bench: string;
  readonly results: readonly BenchResult[];
}

/** The machine the figures belong to. */
const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;

export function print({ bench, results }: Bench, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ bench, machine: machine(), results })}\n`);
    return;
  }
  process.stdout.write(`${bench} — ${machine()}\n`);
  for (const r of results) {
    const target = 'atLeast' in r.target ? `≥ ${r.target.atLeast}` : `≤ ${r.target.atMost}`;
    process.stdout.write(
      `  ${r.ok ? 'ok  ' : 'MISS'} ${r.name}: ${r.value} ${r.unit}, baseline ${r.baseline}, ratio ${r.ratio} (target ${target})${r.note ? ` — ${r.note}` : ''}\n`,
    );
  }
}

/** The p-th quantile of measured values, 0 ≤ p ≤ 1. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}
