import { ExportError } from './export-error.ts';
import { type ExportLayout, readLayout } from './layout.ts';
import { normaliseChannel, normaliseDm, normaliseUser } from './normalise-catalog.ts';
import { type ChannelProgress, newProgress, readDay } from './read-day.ts';
import { readList, skipped } from './read-list.ts';
import type { ChannelRecord, ChannelType, DayEndRecord, ExportRecord, SkippedRecord, UserRecord } from './records.ts';
import { channelShape, dmShape, mismatch, userShape } from './schema.ts';
import { openZip, type ZipArchive } from './zip.ts';
import { ZIP_LIMITS, type ZipLimits } from './zip-limits.ts';

export interface ReadOptions {
  /** The last `day-end` that was dealt with: reading goes on behind it. */
  after?: { channel: string; day: string };
  limits?: Partial<ZipLimits>;
}

interface Source {
  zip: ZipArchive;
  layout: ExportLayout;
  limits: ZipLimits;
}

interface Shelf {
  channel: ChannelRecord;
  folder: string;
  days: readonly string[];
}

const catalogs: { file: string; type: ChannelType }[] = [
  { file: 'channels.json', type: 'public' },
  { file: 'groups.json', type: 'private' },
  { file: 'mpims.json', type: 'mpim' },
  { file: 'dms.json', type: 'dm' },
];

async function* readUsers({ zip, layout, limits }: Source): AsyncGenerator<UserRecord | SkippedRecord> {
  // Enterprise Grid exports of the whole organisation name the file differently.
  const file = ['users.json', 'org_users.json'].find((name) => layout.has(name));
  if (!file) {
    yield skipped(`${layout.root}users.json`, null, 'missing', 'the export lists no users; authors will be bare ids');
    return;
  }
  const entry = layout.root + file;
  const read = await readList(zip, entry, limits.catalogBytes);
  if ('skip' in read) {
    yield read.skip;
    return;
  }
  const ids = new Set<string>();
  for (const [index, value] of read.list.entries()) {
    if (!userShape.Check(value)) yield skipped(entry, index, 'schema', mismatch(userShape, value));
    else if (ids.has(value.id)) yield skipped(entry, index, 'duplicate-id', `user ${value.id} is listed before`);
    else {
      ids.add(value.id);
      yield normaliseUser(value);
    }
  }
}

/** Yields the channels and leaves in `shelves` where each one's days lie. */
async function* readChannels(source: Source, shelves: Shelf[]): AsyncGenerator<ChannelRecord | SkippedRecord> {
  const { zip, layout, limits } = source;
  const ids = new Set<string>();
  const claimed = new Set<string>();

  function claim(id: string, name: string): string | null {
    // The id first: it can belong to no one else, while a name may have been given twice.
    const folder = [id, name.normalize('NFC')].find((key) => layout.folders.has(key) && !claimed.has(key)) ?? null;
    if (folder !== null) claimed.add(folder);
    return folder;
  }

  for (const { file, type } of catalogs) {
    if (!layout.has(file)) continue;
    const entry = layout.root + file;
    const read = await readList(zip, entry, limits.catalogBytes);
    if ('skip' in read) {
      yield read.skip;
      continue;
    }
    for (const [index, value] of read.list.entries()) {
      let channel: ChannelRecord;
      if (type === 'dm') {
        if (!dmShape.Check(value)) {
          yield skipped(entry, index, 'schema', mismatch(dmShape, value));
          continue;
        }
        channel = normaliseDm(value, 0);
      } else {
        if (!channelShape.Check(value)) {
          yield skipped(entry, index, 'schema', mismatch(channelShape, value));
          continue;
        }
        channel = normaliseChannel(value, type, 0);
      }
      if (ids.has(channel.id)) {
        yield skipped(entry, index, 'duplicate-id', `channel ${channel.id} is listed before`);
        continue;
      }
      ids.add(channel.id);
      const folder = claim(channel.id, channel.name);
      const days = (folder !== null && layout.folders.get(folder)) || [];
      channel.dayCount = days.length;
      // The member lists of a thousand channels are no use to the messages.
      shelves.push({ channel: { ...channel, members: [] }, folder: folder ?? '', days });
      yield channel;
    }
  }
  for (const [folder, days] of layout.folders) {
    if (claimed.has(folder)) continue;
    const detail = `${days.length} day files of a channel that no list names`;
    yield skipped(`${layout.root}${folder}/`, null, 'unknown-channel', detail);
  }
  for (const entry of layout.strays) yield skipped(entry, null, 'not-a-day', 'is not named after a day');
}

async function* readShelf(source: Source, shelf: Shelf, afterDay: string | null): AsyncGenerator<ExportRecord> {
  const { zip, layout, limits } = source;
  const { channel, folder, days } = shelf;
  const progress: ChannelProgress = newProgress();
  for (const day of days) {
    const entry = `${layout.root}${folder}/${day}.json`;
    // Days done before are read again in silence: whether a reply's root was seen depends on them.
    const silent = afterDay !== null && day <= afterDay;
    const read = await readList(zip, entry, limits.entryBytes);
    const records = 'skip' in read ? [read.skip] : readDay(read.list, entry, channel, progress);
    for (const record of records) {
      if (!silent) yield record;
    }
    if (!silent) yield { kind: 'day-end', channel: channel.id, day } satisfies DayEndRecord;
  }
}

function resumePoint(shelves: readonly Shelf[], after: ReadOptions['after']): number {
  if (!after) return 0;
  const at = shelves.findIndex(({ channel, days }) => channel.id === after.channel && days.includes(after.day));
  if (at >= 0) return at;
  throw new ExportError(
    'bad-cursor',
    `This export has no day ${after.day} of channel ${after.channel} to resume after. Give the file the import began with, or start anew.`,
  );
}

/**
 * Reads a Slack workspace export (the ZIP as downloaded): users, channels, then each channel's messages day by day.
 * Memory holds one catalog or one day file at a time. Records that can't be used come as `skipped`; only an archive that
 * can't be trusted or read at all throws, as ExportError. Users and channels are yielded on a resumed read too: they are
 * what ids are resolved with.
 */
export async function* readExport(file: string, options: ReadOptions = {}): AsyncGenerator<ExportRecord, void, void> {
  const limits = { ...ZIP_LIMITS, ...options.limits };
  const zip = await openZip(file, limits);
  try {
    const source: Source = { zip, layout: readLayout(zip.names), limits };
    const shelves: Shelf[] = [];
    yield* readUsers(source);
    yield* readChannels(source, shelves);
    const first = resumePoint(shelves, options.after);
    for (const [offset, shelf] of shelves.slice(first).entries()) {
      yield* readShelf(source, shelf, options.after && offset === 0 ? options.after.day : null);
    }
  } finally {
    zip.close();
  }
}
