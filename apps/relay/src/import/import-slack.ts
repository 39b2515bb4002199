import type { SqlDatabase } from '@parley/sync/replica';
import { standardEmoji } from './emoji-table.ts';
import { ImportChannels } from './import-channels.ts';
import type { ImportContext } from './import-context.ts';
import { ImportEmoji } from './import-emoji.ts';
import { importIds } from './import-ids.ts';
import { ImportMessages } from './import-messages.ts';
import { ImportPeople } from './import-people.ts';
import { digestOf, dryProgress, type ImportCursor, type ImportProgress, storedProgress } from './import-progress.ts';
import { emptyReport, type ImportReport, RemarkTally } from './import-report.ts';
import { OpBatch } from './op-batch.ts';
import type { ImportRoom } from './provisioning.ts';
import type { EmojiTable } from './slack/emoji-name.ts';
import { type ReadOptions, readExport } from './slack/read.ts';
import type { SkippedRecord } from './slack/records.ts';

export interface ImportOptions {
  readonly room: ImportRoom;
  /** The workspace's database; the import keeps two small tables of its own in it. A dry run only reads. */
  readonly db: SqlDatabase;
  /** Path of the ZIP as downloaded. */
  readonly file: string;
  readonly dryRun: boolean;
  /** Slack's short names to Unicode; the standard table by default. */
  readonly resolveEmoji?: EmojiTable;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly onProgress?: (progress: ImportProgressEvent) => void;
  /** Ends the import between two batches; the next one goes on from there. */
  readonly signal?: AbortSignal;
  readonly limits?: ReadOptions['limits'];
}

/** Where an import stands, told at the end of every day file. */
export interface ImportProgressEvent {
  readonly channel: string;
  readonly day: string;
  readonly days: { readonly done: number; readonly total: number };
  readonly messages: number;
}

const isSame = (a: ImportCursor | null, b: ImportCursor): boolean => a?.channel === b.channel && a.day === b.day;

const whereOf = ({ where }: SkippedRecord): string =>
  where.index === null ? where.entry : `${where.entry}[${where.index}]`;

async function progressOf({ dryRun, db, file }: ImportOptions): Promise<ImportProgress> {
  const digest = dryRun ? null : await digestOf(file);
  return digest === null ? dryProgress(db) : storedProgress(db, digest);
}

/**
 * Brings a Slack export into a workspace, or with `dryRun` says what that would do.
 *
 * Every id follows from Slack's own, so whatever is here already is met again and left alone: an import can be repeated,
 * resumed after an interruption, and continued with a newer export of the same Slack workspace. Memory holds the
 * people, the channels and one day. Rejects with `ExportError` for an archive that can't be read or trusted as a whole,
 * and with whatever `room.provision` rejects with; what single records suffer is in the report.
 */
export async function importSlack(options: ImportOptions): Promise<ImportReport> {
  const { room, dryRun, file, now, limits, onProgress } = options;
  const startedAt = now();
  const report = emptyReport(dryRun);
  const progress = await progressOf(options);
  const batch = new OpBatch({ room, progress, report, dryRun, signal: options.signal });
  const repeated = new RemarkTally();
  const context: ImportContext = { room, ids: importIds(room.workspace), progress, report, repeated, batch, now };
  const people = new ImportPeople(context);
  const channels = new ImportChannels(context, people);
  const emoji = new ImportEmoji(context, options.resolveEmoji ?? standardEmoji);

  // What an earlier run finished is still read and counted: threads, duplicates and the report depend on it.
  const resumeAfter = progress.cursor();
  batch.silent = resumeAfter !== null;
  report.resumed = batch.silent;

  const days = { done: 0, total: 0 };
  let open: { slack: string; messages: ImportMessages } | null = null;
  const messagesOf = (slack: string): ImportMessages | null => {
    if (open?.slack === slack) return open.messages;
    const channel = channels.find(slack);
    if (!channel) return null;
    open = { slack, messages: new ImportMessages(context, people, channels, channel, emoji) };
    return open.messages;
  };

  for await (const record of readExport(file, limits ? { limits } : {})) {
    switch (record.kind) {
      case 'user':
        people.list(record);
        break;
      case 'channel':
        channels.list(record);
        days.total += record.dayCount;
        break;
      case 'message':
        messagesOf(record.channelId)?.message(record);
        break;
      case 'revision':
        messagesOf(record.channelId)?.revision(record);
        break;
      case 'skipped':
        report.skipped.push({ where: whereOf(record), reason: record.reason, detail: record.detail });
        break;
      case 'day-end':
        days.done += 1;
        batch.reach(record);
        if (isSame(resumeAfter, record)) batch.silent = false;
        onProgress?.({ channel: record.channel, day: record.day, days: { ...days }, messages: report.messages });
        break;
    }
    await batch.settle();
  }

  if (batch.silent) {
    // The mark is of a day this reading did not come to (other limits, say): without it everything is looked at.
    progress.finish();
    return importSlack(options);
  }
  await channels.finish();
  people.finish();
  await batch.flush();
  progress.finish();
  const remarks = repeated.remarks();
  report.skipped.push(...remarks.filter(({ reason }) => reason === 'unknown-emoji'));
  report.adjusted.push(...remarks.filter(({ reason }) => reason !== 'unknown-emoji'));
  report.durationMs = now() - startedAt;
  return report;
}
