/** Slack's message time and identity in a channel: 'seconds.micros'. Kept as the string it is; a double would round it. */
export type SlackTs = string;

export const TS_PATTERN = '^[0-9]{1,12}(\\.[0-9]{1,9})?$';

const MICROS = /^([0-9]{1,9}|[1-8][0-9]{9})\.([0-9]{6})$/;

/** Compares as decimal numbers without becoming one. */
export function compareTs(a: SlackTs, b: SlackTs): number {
  const [aWhole = '', aPart = ''] = a.split('.');
  const [bWhole = '', bPart = ''] = b.split('.');
  const width = Math.max(aWhole.length, bWhole.length);
  const digits = Math.max(aPart.length, bPart.length);
  const left = aWhole.padStart(width, '0') + aPart.padEnd(digits, '0');
  const right = bWhole.padStart(width, '0') + bPart.padEnd(digits, '0');
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * The ts seen so far in one channel. A channel may hold ten million, so the usual ones live as 8-byte numbers:
 * ten digits and six are whole microseconds below 2^53, exact in a double. They arrive nearly sorted.
 */
export class TsIndex {
  #sorted = new Float64Array(1024);
  #length = 0;
  #others = new Set<SlackTs>();

  add(ts: SlackTs): void {
    const micros = toMicros(ts);
    const last = this.#length === 0 ? -1 : (this.#sorted[this.#length - 1] ?? -1);
    if (micros === null || micros < last) {
      this.#others.add(ts);
      return;
    }
    if (micros === last) return;
    if (this.#length === this.#sorted.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#sorted);
      this.#sorted = larger;
    }
    this.#sorted[this.#length] = micros;
    this.#length += 1;
  }

  has(ts: SlackTs): boolean {
    if (this.#others.has(ts)) return true;
    const micros = toMicros(ts);
    if (micros === null) return false;
    let low = 0;
    let high = this.#length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const value = this.#sorted[middle] ?? 0;
      if (value === micros) return true;
      if (value < micros) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}

function toMicros(ts: SlackTs): number | null {
  const match = MICROS.exec(ts);
  return match ? Number(match[1]) * 1_000_000 + Number(match[2]) : null;
}
