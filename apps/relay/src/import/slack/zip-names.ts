import yauzl from 'yauzl';
import { ExportError } from './export-error.ts';

declare module 'yauzl' {
  interface Entry {
    fileNameRaw: Buffer;
  }
  function getFileNameLowLevel(
    generalPurposeBitFlag: number,
    fileName: Buffer,
    extraFields: Entry['extraFields'],
    strictFileNames: boolean,
  ): string;
}

const UTF8_FLAG = 0x800;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Buffer): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * The entry's name. Many zippers write UTF-8 and forget the flag, which by the letter means CP437; bytes that are
 * valid UTF-8 are taken as such, since CP437 text with accents practically never is. NFC, because macOS re-zips in NFD
 * and a channel's folder must still match its name.
 */
export function entryName(entry: yauzl.Entry): string {
  const flag = isUtf8(entry.fileNameRaw)
    ? entry.generalPurposeBitFlag | UTF8_FLAG
    : entry.generalPurposeBitFlag & ~UTF8_FLAG;
  return yauzl.getFileNameLowLevel(flag, entry.fileNameRaw, entry.extraFields, true).normalize('NFC');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** We never write entries to disk; a name that tries to leave its folder still marks an archive made to do harm. */
export function assertSafeName(name: string, depth: number): void {
  const segments = name.replace(/\/$/, '').split('/');
  const unsafe =
    name === '' ||
    name.startsWith('/') ||
    name.includes('\\') ||
    /^[a-zA-Z]:/.test(name) ||
    CONTROL.test(name) ||
    segments.some((segment) => segment === '..' || segment === '.' || segment === '');
  if (unsafe) {
    throw new ExportError(
      'unsafe-path',
      `The archive holds an entry whose path is not allowed: ${JSON.stringify(name.slice(0, 200))}. Slack never writes such paths; ` +
        'download the export again, or re-create the ZIP from its plain folder.',
      name,
    );
  }
  if (segments.length > depth) {
    throw new ExportError(
      'too-deep',
      `The archive nests folders more than ${depth} deep. Zip the export folder itself, not the folders around it.`,
      name,
    );
  }
}
