import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a ZIP as a test wants it, lies included. Everything but name and data has an honest default. */
export interface WriterEntry {
  name: string | Buffer;
  data: string | Buffer;
  stored?: boolean;
  /** What the directory says the data unpacks to. */
  declaredSize?: number;
  declaredCrc?: number;
  flags?: number;
  method?: number;
  /** Unix mode, as a Unix zipper writes it. */
  mode?: number;
  /** Points at the data of an earlier entry in place of its own. */
  sameDataAs?: number;
}

export const UTF8_FLAG = 0x800;

export function buildZip(entries: readonly WriterEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const placed: { offset: number; packed: Buffer }[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = Buffer.from(entry.data);
    const shared = entry.sameDataAs === undefined ? undefined : placed[entry.sameDataAs];
    const packed = shared?.packed ?? (entry.stored ? data : deflateRawSync(data));
    const flags = entry.flags ?? UTF8_FLAG;
    const method = entry.method ?? (entry.stored ? 0 : 8);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(entry.declaredCrc ?? crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(entry.declaredSize ?? data.length, 18);
    fields.writeUInt16LE(name.length, 22);

    const at = shared?.offset ?? offset;
    placed.push({ offset: at, packed });
    if (!shared) {
      const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, packed]);
      parts.push(local);
      offset += local.length;
    }
    const head = Buffer.alloc(46);
    head.write('PK\x01\x02', 0, 'latin1');
    head.writeUInt16LE((3 << 8) | 20, 4);
    fields.copy(head, 6);
    head.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    head.writeUInt32LE(at, 42);
    directory.push(head, name);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

export async function writeZip(file: string, entries: readonly WriterEntry[]): Promise<string> {
  await writeFile(file, buildZip(entries));
  return file;
}

/** An export from plain values: each is written as JSON unless it is text already. */
export function exportEntries(files: Record<string, unknown>): WriterEntry[] {
  return Object.entries(files).map(([name, value]) => ({
    name,
    data: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}
