import { renderMentions, withoutEscapes } from '@parley/sync/model';
import { escapeHtml, t } from '@parley/ui/static';
import type { ExportedMessage } from './exported.ts';
import type { MessageContext } from './message-html.ts';

/** Characters of a message that lists show. */
const LONGEST = 160;

const graphemes = new Intl.Segmenter();

/** The beginning of a message in one line, for lists. */
export function excerptOf(message: ExportedMessage, { around }: MessageContext): string {
  if (message.deleted) return t('message.deleted');
  const plain = withoutEscapes(
    renderMentions(message.text.slice(0, 8 * LONGEST).toWellFormed(), {
      user: (id) => around.personName(id),
      channel: (id) => around.channel(id)?.name ?? t('mention.unknownChannel'),
    }),
  ).replace(/\s+/gu, ' ');
  if (plain.length <= LONGEST) return escapeHtml(plain || message.files.map(({ name }) => name).join(', '));
  let taken = '';
  for (const { segment } of graphemes.segment(plain)) {
    if (taken.length + segment.length > LONGEST) break;
    taken += segment;
  }
  return `${escapeHtml(taken)}…`;
}
