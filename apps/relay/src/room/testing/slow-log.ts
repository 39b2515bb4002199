import { type Appended, type LogRecord, type LogStore, MemoryLog } from '../../log/mod.ts';

/** A log elsewhere that answers when told. */
export class SlowLog implements LogStore {
  readonly when = 'after';
  readonly inner = new MemoryLog();
  settle: ((appended: Appended) => void) | null = null;
  slow = false;

  append(term: number, idx: number, batch: readonly LogRecord[]): Appended | Promise<Appended> {
    if (!this.slow) return this.inner.append(term, idx, batch);
    return new Promise((resolve) => {
      this.settle = (appended) => resolve(appended.ok ? this.inner.append(term, idx, batch) : appended);
    });
  }

  tail = () => this.inner.tail();
  first = () => this.inner.first();
  read = (pos: number, limit: number) => this.inner.read(pos, limit);
  readStream = (...args: Parameters<LogStore['readStream']>) => this.inner.readStream(...args);
  find = (...args: Parameters<LogStore['find']>) => this.inner.find(...args);
  head = (...args: Parameters<LogStore['head']>) => this.inner.head(...args);
  chain = (...args: Parameters<LogStore['chain']>) => this.inner.chain(...args);
  chainAt = (...args: Parameters<LogStore['chainAt']>) => this.inner.chainAt(...args);
  trim = (pos: number) => this.inner.trim(pos);
  forget = () => this.inner.forget();
}
