import { ExportError } from './export-error.ts';

/** Where things lie in an export. Paths are the archive's own; `folders` maps a channel's folder to its sorted days. */
export interface ExportLayout {
  root: string;
  folders: ReadonlyMap<string, readonly string[]>;
  /** JSON files inside channel folders that are no day's messages. */
  strays: readonly string[];
  has(path: string): boolean;
}

const CATALOGS = ['channels.json', 'users.json', 'groups.json', 'dms.json', 'mpims.json', 'org_users.json'];
const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.json$/;
const FOLDER_AND_FILE = /^([^/]+)\/([^/]+\.json)$/;

/** People unpack an export to look at it and zip the folder again: everything then lies one folder down. */
function findRoot(names: ReadonlySet<string>): string {
  if (CATALOGS.some((file) => names.has(file))) return '';
  const tops = new Set<string>();
  for (const name of names) tops.add(name.slice(0, name.indexOf('/') + 1));
  const [top = ''] = tops;
  if (tops.size === 1 && top !== '' && CATALOGS.some((file) => names.has(top + file))) return top;
  throw new ExportError(
    'not-export',
    'This ZIP holds no Slack export: neither channels.json nor users.json is at its top or in its only folder. ' +
      'Give the ZIP from Slack’s “Import/Export Data” page.',
  );
}

export function readLayout(entryNames: readonly string[]): ExportLayout {
  const names = new Set(entryNames);
  const root = findRoot(names);
  const folders = new Map<string, string[]>();
  const strays: string[] = [];
  for (const name of names) {
    const [, folder, file] = FOLDER_AND_FILE.exec(name.slice(root.length)) ?? [];
    if (folder === undefined || file === undefined || !name.startsWith(root)) continue;
    const day = DAY_FILE.exec(file)?.[1];
    if (day === undefined) {
      strays.push(name);
      continue;
    }
    const days = folders.get(folder);
    if (days) days.push(day);
    else folders.set(folder, [day]);
  }
  for (const days of folders.values()) days.sort();
  return { root, folders, strays: strays.sort(), has: (path) => names.has(root + path) };
}
