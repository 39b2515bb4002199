import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readExport } from '../../apps/relay/src/import/slack/read.ts';
import { chatLine, generator } from './facts.ts';

/** Beside the checkout, where whoever benches has put it. */
const EXPORT = resolve(import.meta.dirname, '../../../shared/data/slack-export-irc.zip');
/** Without one: as many lines as would repeat about as often. */
const MADE_UP = 60_000;
const LONGEST = 2_000;

/** What people wrote, in order: a real export's messages where there is one, else lines of about their length. */
export async function chatTexts(): Promise<readonly string[]> {
  if (!existsSync(EXPORT)) {
    const next = generator(7);
    return Array.from({ length: MADE_UP }, () => chatLine(next));
  }
  const texts: string[] = [];
  for await (const record of readExport(EXPORT))
    if (record.kind === 'message' && record.text.trim()) texts.push(record.text.slice(0, LONGEST));
  return texts;
}
