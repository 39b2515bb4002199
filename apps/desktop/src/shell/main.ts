import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError } from 'commander';
import { passphraseAccess, reachEngine } from '../host/mod.ts';
import { openBrowser } from './open-browser.ts';
import { serveShell } from './serve.ts';

const MAX_PORT = 65_535;

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT) throw new InvalidArgumentError(`a number from 0 to ${MAX_PORT}`);
  return port;
}

const program = new Command('parley-shell')
  .description('Opens Parley in your browser, over the engine on this machine.')
  .requiredOption('--home <dir>', 'where your replica is kept')
  .option('--no-open', 'print the address instead of opening a browser')
  .option('--port <n>', 'port on 127.0.0.1; 0 picks a free one', portNumber, 0)
  .option('--passphrase-file <path>', 'a file with the passphrase of the home, where it has one')
  .option('--renderer <dir>', 'the built window', resolve(import.meta.dirname, '../../dist/renderer'));
const options = program
  .parse()
  .opts<{ home: string; open: boolean; port: number; renderer: string; passphraseFile?: string }>();

const log = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  const engine = await reachEngine({
    home: resolve(options.home),
    keys: passphraseAccess({ file: options.passphraseFile, ask: process.stdin.isTTY && process.stderr.isTTY, log }),
    log,
  });
  const shell = await serveShell({ renderer: options.renderer, port: options.port, attach: engine.attach });

  const url = shell.url();
  process.stdout.write(`Parley is at ${url}\n`);
  if (options.open && !(await openBrowser(url))) log('No browser could be opened; open the address yourself.');
  if (process.stdin.isTTY)
    createInterface({ input: process.stdin }).on('line', () => process.stdout.write(`Parley is at ${shell.url()}\n`));

  // A terminal's Ctrl-C and whoever started us may both ask.
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await shell.close();
    await engine.close();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  log(`parley: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
