import { open as openFile } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import { ExportError } from './export-error.ts';
import { ZIP_LIMITS, type ZipLimits } from './zip-limits.ts';
import { assertSafeName, entryName } from './zip-names.ts';

/** An open archive: its names are known and judged, its bytes are read one entry at a time. */
export interface ZipArchive {
  /** File entries only (folders and the litter of operating systems left out), in the archive's order. */
  readonly names: readonly string[];
  /** Inflates one entry whole. `maxBytes` defaults to the per-entry limit. */
  read(name: string, maxBytes?: number): Promise<Buffer>;
  close(): void;
}

const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
const LINK = 0o120000;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;

/** What the reading needs of an entry; yauzl's own objects hold on to three buffers each. */
function slim(entry: yauzl.Entry): yauzl.Entry {
  return Object.assign(new yauzl.Entry(), {
    generalPurposeBitFlag: entry.generalPurposeBitFlag,
    compressionMethod: entry.compressionMethod,
    compressedSize: entry.compressedSize,
    uncompressedSize: entry.uncompressedSize,
    relativeOffsetOfLocalHeader: entry.relativeOffsetOfLocalHeader,
    crc32: entry.crc32,
  });
}

function isLitter(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$/.test(name);
}

async function describeUnreadable(file: string, cause: Error): Promise<ExportError> {
  const handle = await openFile(file, 'r').catch(() => null);
  if (!handle) return new ExportError('not-found', `${file} can't be opened. Check the path and its permissions.`);
  try {
    const head = Buffer.alloc(4);
    const { bytesRead } = await handle.read(head, 0, 4, 0);
    if (bytesRead === 4 && head.readUInt32LE(0) === 0x04034b50) {
      return new ExportError(
        'truncated',
        `The ZIP file is incomplete or damaged (${cause.message}). Download the export again and compare the file's size.`,
      );
    }
  } catch {
    // A folder opens but can't be read; it is no ZIP either way.
  } finally {
    await handle.close();
  }
  return new ExportError('not-zip', 'This is not a ZIP file. Give the .zip that Slack offers for download, unopened.');
}

function openYauzl(file: string): Promise<yauzl.ZipFile> {
  // Names are decoded and sizes checked here, so that every refusal is an ExportError with the same wording.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false };
  return new Promise((resolve, reject) => {
    yauzl.open(file, options, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

function eachEntry(zip: yauzl.ZipFile, visit: (entry: yauzl.Entry) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    zip.on('error', (error: Error) =>
      reject(
        new ExportError(
          'truncated',
          `The ZIP file's table of contents is damaged (${error.message}). Download the export again.`,
        ),
      ),
    );
    zip.on('end', () => resolve());
    zip.on('entry', (entry: yauzl.Entry) => {
      try {
        visit(entry);
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.readEntry();
  });
}

function assertPlainFile(entry: yauzl.Entry, name: string): void {
  // The upper half holds the Unix mode where the zipper had one; zero elsewhere.
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === LINK || (type !== 0 && type !== REGULAR && type !== DIRECTORY)) {
    throw new ExportError(
      'link',
      `The archive holds a link or special file (${name}). Slack's exports hold plain files only; download it again.`,
      name,
    );
  }
  if (entry.isEncrypted() || (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)) {
    throw new ExportError(
      'unsupported',
      `${name} is encrypted or packed in a way we don't read. Re-create the ZIP without a password, with normal compression.`,
      name,
    );
  }
}

function entryTooLarge(name: string, maxBytes: number): ExportError {
  return new ExportError(
    'entry-too-large',
    `${name} is larger than ${maxBytes} bytes. Split it, or export a shorter range of dates.`,
    name,
  );
}

function openRaw(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  // Raw bytes: we inflate ourselves, so that stopping half-way also frees the inflater.
  const decompress = entry.compressionMethod === DEFLATED ? false : null;
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, { decompress, decrypt: null, start: null, end: null }, (error, stream) =>
      error ? reject(error) : resolve(stream),
    );
  });
}

/** Opens an archive and judges its table of contents; throws ExportError. Declared sizes are only a first sieve. */
export async function openZip(file: string, overrides: Partial<ZipLimits> = {}): Promise<ZipArchive> {
  const limits = { ...ZIP_LIMITS, ...overrides };
  const zip = await openYauzl(file).catch(async (error: Error) => {
    throw await describeUnreadable(file, error);
  });
  const entries = new Map<string, yauzl.Entry>();
  const inflated = new Map<string, number>();
  let declared = 0;
  let packed = 0;
  let inflatedTotal = 0;

  function tooLarge(): ExportError {
    return new ExportError(
      'too-large',
      `The archive unpacks to more than ${limits.totalBytes} bytes. Export a shorter range of dates and import the parts in turn.`,
    );
  }

  function admit(raw: yauzl.Entry): void {
    const name = entryName(raw);
    assertSafeName(name, limits.depth);
    assertPlainFile(raw, name);
    declared += raw.uncompressedSize;
    packed += raw.compressedSize + LOCAL_HEADER_BYTES + raw.fileNameLength;
    if (declared > limits.totalBytes) throw tooLarge();
    // Entries that share bytes are how a small file promises terabytes; honest ones fit beside each other.
    if (packed > zip.fileSize) {
      throw new ExportError(
        'bomb',
        'Entries of the archive overlap, as in a zip bomb. Download the export again.',
        name,
      );
    }
    if (name.endsWith('/') || isLitter(name)) return;
    if (entries.has(name)) {
      throw new ExportError(
        'duplicate',
        `The archive holds ${name} twice, so it is unclear which is meant. Download the export again.`,
        name,
      );
    }
    entries.set(name, slim(raw));
  }

  function account(name: string, bytes: number, entry: yauzl.Entry, maxBytes: number): void {
    const before = inflated.get(name) ?? 0;
    // Reading an entry twice (a resumed import does) is not a larger archive.
    if (bytes > before) {
      inflatedTotal += bytes - before;
      inflated.set(name, bytes);
    }
    if (bytes > limits.ratioFreeBytes && bytes > limits.ratio * entry.compressedSize) {
      throw new ExportError('bomb', `${name} unpacks like a zip bomb. Download the export again.`, name);
    }
    if (bytes > maxBytes) throw entryTooLarge(name, maxBytes);
    if (bytes > entry.uncompressedSize) {
      throw new ExportError('size-lies', `${name} is larger than the archive says. Download the export again.`, name);
    }
    if (inflatedTotal > limits.totalBytes) throw tooLarge();
  }

  async function read(name: string, maxBytes = limits.entryBytes): Promise<Buffer> {
    const entry = entries.get(name);
    if (!entry) throw new ExportError('corrupt', `${name} is not in the archive.`, name);
    // An honest oversize costs nothing to refuse; the lying kind is caught while inflating.
    if (entry.uncompressedSize > maxBytes) throw entryTooLarge(name, maxBytes);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let sum = 0;
    let stream: Readable | null = null;
    try {
      const raw = await openRaw(zip, entry);
      stream = entry.compressionMethod === DEFLATED ? pipeline(raw, createInflateRaw(), () => {}) : raw;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        account(name, bytes, entry, maxBytes);
        sum = crc32(chunk, sum);
        chunks.push(chunk);
      }
    } catch (error) {
      stream?.destroy();
      if (error instanceof ExportError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new ExportError('corrupt', `${name} can't be unpacked (${why}). Download the export again.`, name);
    }
    if (bytes !== entry.uncompressedSize || sum !== entry.crc32) {
      throw new ExportError('corrupt', `${name} is damaged: its checksum is wrong. Download the export again.`, name);
    }
    return Buffer.concat(chunks, bytes);
  }

  try {
    if (zip.entryCount > limits.entries) {
      throw new ExportError(
        'too-many-entries',
        `The archive holds ${zip.entryCount} entries, more than ${limits.entries}. Export a shorter range of dates.`,
      );
    }
    await eachEntry(zip, admit);
  } catch (error) {
    zip.close();
    throw error;
  }
  return { names: [...entries.keys()], read, close: () => zip.close() };
}
