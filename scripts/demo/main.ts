import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startApp } from './app.ts';
import { generatedExport } from './generated-export.ts';
import { admitPeople, newPassword } from './people.ts';
import { build, ended, parley, relay, root, startRelay, stopAll } from './processes.ts';
import { readState, writeState } from './state.ts';

/** `npm start`: a relay with a workspace full of history, and the app of one of its people on it. */

const { values: options } = parseArgs({
  options: { open: { type: 'boolean', default: true } },
  allowNegative: true,
});

const dir = resolve(process.env.PARLEY_DEMO_DIR ?? join(root, '.parley'));
const relayData = join(dir, 'relay');
const homeOf = (username: string): string => join(dir, 'homes', username.replace(/[^\w-]/g, '_'));
/** A real export beside the checkout makes the better demo. */
const realExport = resolve(root, '../shared/data/slack-export-irc.zip');

const say = (line: string): void => console.log(line);

async function exportFile(): Promise<string> {
  if (existsSync(realExport)) return realExport;
  const file = join(dir, 'generated-export.zip');
  await writeFile(file, generatedExport());
  return file;
}

/** Makes the relay's data and brings the history in. A first run that broke off starts over. */
async function firstRun(): Promise<void> {
  if (readState(dir))
    for (const left of [relayData, join(dir, 'homes')]) await rm(left, { recursive: true, force: true });
  else if (existsSync(relayData))
    throw new Error(`${relayData} is there but was not made by this demo; set PARLEY_DEMO_DIR to another folder`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  writeState(dir, { ready: false, port: 0, people: [] });

  say('Making a relay …');
  const owner = newPassword();
  await relay(
    ['init', '--data', relayData, '--workspace', 'Demo', '--owner', 'owner@demo.example', '--password-stdin'],
    owner,
  );
  const file = await exportFile();
  say(`Importing ${relative(root, file)} …`);
  const report = JSON.parse(await relay(['import', 'slack', '--data', relayData, '--file', file, '--json']));
  say(`Imported ${report.messages} messages of ${report.users} people in ${report.channels} channels.`);
  const people = await admitPeople(relayData);
  writeState(dir, { ready: false, port: 0, people });
}

/** Signs everybody in on homes of their own, at the address that the relay will keep. */
async function signIn(url: string): Promise<void> {
  const state = readState(dir);
  if (!state || state.ready) return;
  for (const { username, name, email, password } of state.people) {
    say(`Signing ${name} in …`);
    await parley(['--home', homeOf(username), 'login', '--relay', url, '--email', email, '--password-stdin'], password);
  }
  writeState(dir, { ...state, ready: true, port: Number(new URL(url).port) });
}

async function main(): Promise<void> {
  say('Building the app …');
  await build();
  if (!readState(dir)?.ready) await firstRun();

  const served = await startRelay(relayData, readState(dir)?.port ?? 0);
  await signIn(served.url);
  const [first, second] = readState(dir)?.people ?? [];
  if (!first || !second) throw new Error(`${dir} names nobody to be; delete it and start again`);

  say('');
  say(
    `The relay is at ${served.url}; its data and everything else of the demo in ${relative(process.cwd(), dir) || dir}`,
  );
  for (const { name, username, email, password } of [first, second])
    say(`  ${name} (@${username})  ${email}  ${password}`);
  say(`The app opens as ${first.name}. To write to it as ${second.name}, from another terminal:`);
  say(`  npm run -s parley -- --home ${homeOf(second.username)} send --to '@${first.username}' 'Hello!'`);
  say('Ctrl-C ends everything.');
  say('');

  const app = startApp(homeOf(first.username), options.open);
  await Promise.race([ended(app), ended(served.process)]);
}

/** Ends what was started, whoever asks first, and then this. */
let ending: Promise<void> | null = null;
function end(code: number): Promise<void> {
  ending ??= stopAll().then(() => process.exit(code));
  return ending;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));

try {
  await main();
  await end(0);
} catch (error) {
  // What was asked to end on Ctrl-C ends with an error too; that one is no news.
  if (!ending) console.error(error instanceof Error ? error.message : error);
  await end(1);
}
