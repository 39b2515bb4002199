import { ExportError } from './export-error.ts';
import type { SkippedRecord, SkipReason } from './records.ts';
import type { ZipArchive } from './zip.ts';

export function skipped(entry: string, index: number | null, reason: SkipReason, detail: string): SkippedRecord {
  return { kind: 'skipped', where: { entry, index }, reason, detail };
}

const utf8 = new TextDecoder();

/** A JSON list of one entry, or why it can't be had. Only what damns the whole archive throws. */
export async function readList(
  zip: ZipArchive,
  entry: string,
  maxBytes: number,
): Promise<{ list: unknown[] } | { skip: SkippedRecord }> {
  let bytes: Buffer;
  try {
    bytes = await zip.read(entry, maxBytes);
  } catch (error) {
    if (error instanceof ExportError && error.kind === 'corrupt') {
      return { skip: skipped(entry, null, 'corrupt-entry', error.message) };
    }
    if (error instanceof ExportError && error.kind === 'entry-too-large') {
      return { skip: skipped(entry, null, 'entry-too-large', error.message) };
    }
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    // V8's message quotes the file, which is people's talk; the admin needs only to know which file.
    return { skip: skipped(entry, null, 'broken-json', 'is not valid JSON') };
  }
  if (!Array.isArray(value)) return { skip: skipped(entry, null, 'not-a-list', 'should be a JSON list') };
  return { list: value };
}
