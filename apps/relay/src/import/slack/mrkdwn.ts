import { printMarkdown } from './markdown-print.ts';
import { parseBlocks } from './mrkdwn-blocks.ts';
import type { Resolve } from './mrkdwn-tree.ts';

/**
 * Slack's mrkdwn as our canonical Markdown (CommonMark and `~~strike~~`): a message's newlines stay newlines, mentions
 * become id tokens, and what people typed without meaning to format reads as they typed it. Time is linear in the text.
 */
export function mrkdwnToMarkdown(text: string, resolve: Resolve): string {
  return printMarkdown(parseBlocks(text, resolve), text);
}
