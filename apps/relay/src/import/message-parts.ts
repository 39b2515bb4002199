import { type FileRef, MAX_FILES, MAX_MENTIONS, MAX_TEXT } from '@parley/sync/model';
import { labelOf } from './label.ts';
import { mrkdwnToMarkdown } from './slack/mrkdwn.ts';
import type { Resolve } from './slack/mrkdwn-tree.ts';
import type { FileItem, MessageRecord } from './slack/records.ts';
import { splitMarkdown } from './split-markdown.ts';

/** One of our messages; most of Slack's need only one. */
export interface MessagePart {
  readonly text: string;
  readonly files: readonly FileRef[];
}

const SPLIT = { length: MAX_TEXT, mentions: MAX_MENTIONS };

/** A reference by name. The address stays behind: it carries a token that opens the file to whoever has it. */
function fileRef(file: FileItem): FileRef {
  const size = Math.trunc(file.sizeBytes);
  return {
    id: labelOf(file.id, 64) || 'file',
    name: labelOf(file.name, 255),
    mime: labelOf(file.mimetype, 127),
    size: Number.isSafeInteger(size) && size > 0 ? size : 0,
  };
}

const quoted = (markdown: string): string =>
  markdown
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');

/** NUL has no place in stored text; what stands for the unreadable takes its place. */
const withoutNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text);

/** Text from an export as ours, cut to what one message may hold. */
export const textParts = (mrkdwn: string, resolve: Resolve): string[] =>
  splitMarkdown(mrkdwnToMarkdown(withoutNul(mrkdwn), resolve), SPLIT);

/** What a record says and carries, as one message or as many as our limits make of it. */
export function messageParts(record: MessageRecord, resolve: Resolve): MessagePart[] {
  const text = mrkdwnToMarkdown(withoutNul(record.text), resolve);
  const attachments = record.attachments.map((attachment) => quoted(mrkdwnToMarkdown(withoutNul(attachment), resolve)));
  const whole = [text, ...attachments].filter((part) => part.trim() !== '').join('\n\n');
  const texts = whole === '' ? [] : splitMarkdown(whole, SPLIT);
  const files = record.files.map(fileRef);
  const count = Math.max(1, texts.length, Math.ceil(files.length / MAX_FILES));
  return Array.from({ length: count }, (_, at) => ({
    text: texts[at] ?? '',
    files: files.slice(at * MAX_FILES, (at + 1) * MAX_FILES),
  }));
}
