import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskJournal } from './journal-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-journal-'));
  path = join(directory, 'ws.outbox');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('a journal in a file', () => {
  it('is not made before something is written, and holds what was', () => {
    const journal = new DiskJournal(path);
    expect(journal.read()).toHaveLength(0);
    expect(readdirSync(directory)).toEqual([]);
    journal.replace(Buffer.from('one '));
    journal.append(Buffer.from('two three '));
    journal.sync();
    journal.cut(8);
    journal.append(Buffer.from('four'));
    expect(text(journal.read())).toBe('one two four');
    journal.replace(Buffer.from('five '));
    journal.append(Buffer.from('six'));
    journal.close();
    expect(text(new DiskJournal(path).read())).toBe('five six');
    expect(readdirSync(directory)).toEqual(['ws.outbox']);
  });

  it.skipIf(process.platform === 'win32')('is for its owner alone', () => {
    const journal = new DiskJournal(path);
    journal.replace(Buffer.from('x'));
    journal.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('does without what a crash left of a rewriting', () => {
    writeFileSync(path, 'whole');
    writeFileSync(`${path}.new`, 'ha');
    const journal = new DiskJournal(path);
    expect(text(journal.read())).toBe('whole');
    expect(readdirSync(directory)).toEqual(['ws.outbox']);
    journal.close();
  });

  // The limit of a process on the size of a file breaks a write off midway, as a disk that fills up does.
  it.skipIf(process.platform === 'win32')('takes a write that found no room back whole', () => {
    const code = `const { DiskJournal } = await import(${JSON.stringify(join(import.meta.dirname, 'journal-file.ts'))});
      const journal = new DiskJournal(process.argv[1]);
      journal.replace(Buffer.alloc(1000, 'a'));
      for (;;) {
        try {
          journal.append(Buffer.alloc(1000, 'b'));
        } catch (error) {
          console.log(error.code);
          break;
        }
      }
      journal.append(Buffer.from('end'));`;
    const limited = 'trap "" XFSZ; ulimit -f 16; exec "$@"';
    const node = [process.execPath, '--input-type=module', '-e', code, path];
    const child = spawnSync('sh', ['-c', limited, 'sh', ...node], { encoding: 'utf8' });
    expect([child.stdout.trim(), child.stderr]).toEqual(['EFBIG', '']);
    const kept = readFileSync(path, 'utf8');
    expect(kept).toMatch(/^a{1000}(b{1000})+end$/);
    expect(kept.length).toBeGreaterThan(7_000);
  });
});
