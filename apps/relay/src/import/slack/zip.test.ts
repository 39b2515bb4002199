import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExportError, type ExportErrorKind } from './export-error.ts';
import { buildZip, UTF8_FLAG, type WriterEntry, writeZip } from './testing/zip-writer.ts';
import { openZip } from './zip.ts';
import type { ZipLimits } from './zip-limits.ts';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slack-zip-'));
});
afterAll(() => rm(folder, { recursive: true }));

function path(): string {
  files += 1;
  return join(folder, `${files}.zip`);
}

async function refusal(work: Promise<unknown>): Promise<ExportError> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ExportError)) throw new Error(`expected an ExportError, got ${outcome}`);
  return outcome;
}

async function openWith(entries: WriterEntry[], limits: Partial<ZipLimits> = {}): Promise<void> {
  (await openZip(await writeZip(path(), entries), limits)).close();
}

/** Opens, reads every entry, closes. */
async function readAll(entries: WriterEntry[], limits: Partial<ZipLimits> = {}): Promise<Map<string, string>> {
  const zip = await openZip(await writeZip(path(), entries), limits);
  try {
    const texts = new Map<string, string>();
    for (const name of zip.names) texts.set(name, (await zip.read(name)).toString());
    return texts;
  } finally {
    zip.close();
  }
}

describe('an honest archive', () => {
  test('gives back its entries, stored or deflated, empty ones too', async () => {
    const texts = await readAll([
      { name: 'a.json', data: '[1]' },
      { name: 'b/', data: '', stored: true, mode: 0o040755 },
      { name: 'b/c.json', data: '[2]', stored: true },
      { name: 'b/d.json', data: '' },
      { name: 'b/e.json', data: '', stored: true },
    ]);
    expect([...texts]).toEqual([
      ['a.json', '[1]'],
      ['b/c.json', '[2]'],
      ['b/d.json', ''],
      ['b/e.json', ''],
    ]);
  });

  test('reads names as UTF-8 also where the flag is missing, as CP437 where they are not UTF-8', async () => {
    const texts = await readAll([
      { name: 'größe.json', data: '1', flags: UTF8_FLAG },
      { name: 'größe-2.json', data: '2', flags: 0 },
      { name: Buffer.from('gr\x94\xe1e-3.json', 'latin1'), data: '3', flags: 0 },
      { name: 'gro\u0308\u00dfe-4.json', data: '4' },
    ]);
    expect([...texts.keys()]).toEqual(['größe.json', 'größe-2.json', 'größe-3.json', 'größe-4.json']);
  });

  test('leaves out what operating systems add', async () => {
    const texts = await readAll([
      { name: 'a.json', data: '1' },
      { name: '__MACOSX/._a.json', data: 'x' },
      { name: 'general/.DS_Store', data: 'x' },
    ]);
    expect([...texts.keys()]).toEqual(['a.json']);
  });

  test('may hold small entries of any ratio', async () => {
    const texts = await readAll([{ name: 'a.json', data: Buffer.alloc(1_000_000, 32) }]);
    expect(texts.get('a.json')).toHaveLength(1_000_000);
  });
});

describe('a file that is no sound ZIP is refused with what to do', () => {
  test.each<[string, Buffer, ExportErrorKind]>([
    ['an empty file', Buffer.alloc(0), 'not-zip'],
    ['a web page', Buffer.from('<!doctype html><title>Sign in to Slack</title>'), 'not-zip'],
    ['a download cut short', buildZip([{ name: 'a.json', data: 'x'.repeat(5000) }]).subarray(0, 60), 'truncated'],
    [
      'a damaged table of contents',
      Buffer.from(
        buildZip([{ name: 'a', data: '1' }])
          .toString('latin1')
          .replace('PK\x01\x02', 'PK\x09\x09'),
        'latin1',
      ),
      'truncated',
    ],
  ])('%s', async (_, bytes, kind) => {
    const file = path();
    await writeFile(file, bytes);
    const error = await refusal(openZip(file));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/Download the export again|Give the \.zip/);
  });

  test('a missing file and a folder', async () => {
    expect((await refusal(openZip(join(folder, 'none.zip')))).kind).toBe('not-found');
    expect((await refusal(openZip(folder))).kind).toBe('not-zip');
  });
});

describe('a hostile table of contents is refused before anything is read', () => {
  const names = ['../a', 'a/../../b', '/etc/passwd', 'a\\b', '..\\a', 'C:/a', 'c:a', 'a//b', './a', 'a\nb', '', '..'];
  test.each(names)('path %j', async (name) => {
    expect((await refusal(openWith([{ name, data: '1' }]))).kind).toBe('unsafe-path');
  });

  test.each<[string, WriterEntry[], ExportErrorKind]>([
    ['a symbolic link', [{ name: 'a.json', data: '/etc/passwd', mode: 0o120777 }], 'link'],
    ['a device', [{ name: 'a.json', data: '', mode: 0o020666 }], 'link'],
    [
      'the same name twice',
      [
        { name: 'a', data: '1' },
        { name: 'a', data: '2' },
      ],
      'duplicate',
    ],
    [
      'the same name twice, composed differently',
      [
        { name: 'é', data: '1' },
        { name: 'e\u0301', data: '2' },
      ],
      'duplicate',
    ],
    ['folders within folders', [{ name: 'a/b/c/d/e/f/g/h/i', data: '1' }], 'too-deep'],
    ['encryption', [{ name: 'a', data: '1', flags: 1 }], 'unsupported'],
    ['a rare compression', [{ name: 'a', data: '1', method: 12 }], 'unsupported'],
    [
      'entries that share their bytes',
      [
        { name: 'a', data: Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 7919) >>> 3)) },
        ...[1, 2, 3].map((n) => ({ name: `b${n}`, data: '', sameDataAs: 0 })),
      ],
      'bomb',
    ],
  ])('%s', async (_, entries, kind) => {
    const error = await refusal(openWith(entries));
    expect(error.kind).toBe(kind);
    expect(error.entry).toBeTypeOf('string');
  });

  test('too many entries, too much in all by its own account', async () => {
    const entries = [1, 2, 3].map((n) => ({ name: `${n}.json`, data: '12345' }));
    expect((await refusal(openWith(entries, { entries: 2 }))).kind).toBe('too-many-entries');
    expect((await refusal(openWith(entries, { totalBytes: 14 }))).kind).toBe('too-large');
    await openWith(entries, { entries: 3, totalBytes: 15 });
  });
});

describe('limits count the bytes that come out, whatever was declared', () => {
  const mib = 1024 * 1024;

  test('an entry that says it is large is refused unread; one that lies is caught', async () => {
    const honest = await refusal(readAll([{ name: 'a', data: 'x'.repeat(101) }], { entryBytes: 100 }));
    expect([honest.kind, honest.entry]).toEqual(['entry-too-large', 'a']);
    const lying = await refusal(readAll([{ name: 'a', data: 'x'.repeat(101), declaredSize: 9 }], { entryBytes: 100 }));
    expect(lying.kind).toBe('entry-too-large');
    const small = await refusal(readAll([{ name: 'a', data: 'x'.repeat(50), declaredSize: 9 }]));
    expect(small.kind).toBe('size-lies');
    const stored = await refusal(readAll([{ name: 'a', data: 'x'.repeat(50), declaredSize: 9, stored: true }]));
    expect(stored.kind).toBe('size-lies');
  });

  test('a caller may set another limit for one entry', async () => {
    const zip = await openZip(await writeZip(path(), [{ name: 'a', data: 'x'.repeat(101) }]), { entryBytes: 100 });
    expect(await zip.read('a', 101)).toHaveLength(101);
    zip.close();
  });

  test('a bomb is stopped by its ratio', async () => {
    const bomb = { name: 'a', data: Buffer.alloc(32 * mib) };
    expect((await refusal(readAll([bomb]))).kind).toBe('bomb');
    expect((await refusal(readAll([{ ...bomb, declaredSize: 10 }]))).kind).toBe('size-lies');
  });

  test('the total holds for lying entries, and reading one twice counts once', async () => {
    const entries = [1, 2].map((n) => ({ name: `${n}`, data: 'x'.repeat(60) }));
    const zip = await openZip(await writeZip(path(), entries), { totalBytes: 120 });
    await zip.read('1');
    await zip.read('1');
    await zip.read('2');
    zip.close();
    const lying = [
      { name: '1', data: 'x'.repeat(60) },
      { name: '2', data: 'x'.repeat(60), declaredSize: 1 },
    ];
    expect((await refusal(readAll(lying, { totalBytes: 100 }))).kind).toBe('size-lies');
  });

  test('damage is noticed: wrong checksum, less than declared, broken stream', async () => {
    for (const entry of [
      { name: 'a', data: 'abc', declaredCrc: 1 },
      { name: 'a', data: 'abc', declaredSize: 4 },
      { name: 'a', data: 'abc', stored: true, method: 8 },
    ]) {
      const error = await refusal(readAll([entry]));
      expect([error.kind, error.entry]).toEqual(['corrupt', 'a']);
    }
  });
});
