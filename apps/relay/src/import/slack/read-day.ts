import { normaliseMessage, normaliseRevision, threadOf } from './normalise-message.ts';
import { skipped } from './read-list.ts';
import type { ChannelRecord, MessageRecord, RevisionRecord, SkippedRecord } from './records.ts';
import { messageShape, mismatch, type SlackMessage } from './schema.ts';
import { classify } from './subtypes.ts';
import { compareTs, type SlackTs, TsIndex } from './ts.ts';

/** What a channel's earlier days leave behind for the next. */
export interface ChannelProgress {
  seen: TsIndex;
  latestTs: SlackTs | null;
  /** How often a ts that came again was seen; nearly always empty. */
  repeats: Map<SlackTs, number>;
}

export function newProgress(): ChannelProgress {
  return { seen: new TsIndex(), latestTs: null, repeats: new Map() };
}

interface Placed {
  index: number;
  message: SlackMessage;
}

type DayRecord = MessageRecord | RevisionRecord | SkippedRecord;

/** One day's list as records: what can't be used first, then messages by ts (equal ts stay in the file's order). */
export function* readDay(
  list: readonly unknown[],
  entry: string,
  channel: ChannelRecord,
  progress: ChannelProgress,
): Generator<DayRecord> {
  const usable: Placed[] = [];
  for (const [index, value] of list.entries()) {
    if (messageShape.Check(value)) usable.push({ index, message: value });
    else yield skipped(entry, index, 'schema', mismatch(messageShape, value));
  }
  usable.sort((a, b) => compareTs(a.message.ts, b.message.ts));

  const latestBefore = progress.latestTs;
  for (const { index, message } of usable) {
    const record = place(message, index, entry, channel, progress, latestBefore);
    yield record;
  }
}

/** How many messages before this one had its ts. */
function occurrence(ts: SlackTs, { seen, repeats }: ChannelProgress): number {
  if (!seen.has(ts)) return 0;
  const before = (repeats.get(ts) ?? 0) + 1;
  repeats.set(ts, before);
  return before;
}

function place(
  message: SlackMessage,
  index: number,
  entry: string,
  channel: ChannelRecord,
  progress: ChannelProgress,
  latestBefore: SlackTs | null,
): DayRecord {
  const subtype = message.subtype ?? null;
  const kind = classify(subtype);
  if (!kind)
    return skipped(entry, index, 'unknown-subtype', `subtype ${JSON.stringify(subtype?.slice(0, 80))} is not known`);
  switch (kind.is) {
    case 'bookkeeping':
      return skipped(entry, index, 'bookkeeping', `subtype ${subtype} carries no content`);
    case 'revision':
      return (
        normaliseRevision(message, kind.change, channel) ??
        skipped(entry, index, 'schema', 'the event does not say which message it changes')
      );
    case 'note':
    case 'message': {
      const { threadTs, isReply } = threadOf(message);
      const placement = {
        orphan: isReply && threadTs !== null && !progress.seen.has(threadTs),
        occurrence: occurrence(message.ts, progress),
        late: latestBefore !== null && compareTs(message.ts, latestBefore) < 0,
      };
      progress.seen.add(message.ts);
      if (progress.latestTs === null || compareTs(message.ts, progress.latestTs) > 0) progress.latestTs = message.ts;
      return normaliseMessage(message, kind.is === 'note' ? kind.note : null, channel, placement);
    }
  }
}
