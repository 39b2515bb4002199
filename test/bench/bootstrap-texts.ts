import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { relayCommand } from '@parley/relay';
import { openWorkspaceFile } from '@parley/relay/room';
import { chatLine, generator } from './facts.ts';

/** Beside the checkout, where whoever benches has put it. */
const EXPORT = resolve(import.meta.dirname, '../../../shared/data/slack-export-irc.zip');
/** Without one: as many lines as would repeat about as often. */
const MADE_UP = 60_000;
const LONGEST = 2_000;

/** What people wrote, in order: a real export's messages where there is one, else lines of about their length. */
export async function chatTexts(): Promise<readonly string[]> {
  if (existsSync(EXPORT)) return imported();
  const next = generator(7);
  return Array.from({ length: MADE_UP }, () => chatLine(next));
}

/** The export as the relay brings it in. Whom a line mentions is none of the bench's people. */
async function imported(): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-texts-'));
  try {
    const data = join(directory, 'relay');
    const owner = { owner: 'owner@example.test', password: 'bench correct horse' };
    const { workspace } = await relayCommand(data, 'workspace.add', { workspace: 'Texts', ...owner, first: true });
    await relayCommand(data, 'import.slack', { file: EXPORT, dryRun: false });
    const db = openWorkspaceFile(join(data, 'ws', `${workspace.id}.db`));
    const texts = db.prepare(`SELECT text FROM message WHERE text <> '' ORDER BY rowid`).raw().all([]) as [string][];
    db.close();
    return texts.map(([text]) => text.replaceAll(/<[@#!][^>]*>/g, '').slice(0, LONGEST)).filter((text) => text.trim());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
