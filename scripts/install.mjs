// Runs on the Node a person happens to have, before anything is installed: plain JavaScript, nothing imported but Node.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/** The Node that comes with the packages and that everything else runs on. */
const ownNode = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** @param {string} file */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/** Whether everything the lock file asks for is there in its version. Optional packages are for some systems only. */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const held = packagesOf(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !held || !existsSync(ownNode)) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.optional ||
      entry.devOptional ||
      entry.link ||
      held[path]?.version === entry.version,
  );
}

function install() {
  // npm tells the scripts it runs where it is; otherwise it is looked up, which on Windows takes a shell.
  const npm = process.env.npm_execpath;
  const done = npm
    ? spawnSync(process.execPath, [npm, 'ci'], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.status !== 0) {
    console.error('Installing failed; what npm says above tells why. It needs to reach its registry.');
    process.exit(1);
  }
}

/**
 * Installs what is missing, then goes on with `script` (from the root) on our own Node, with this command's arguments.
 * @param {string} script
 */
export function continueWith(script) {
  if (!isInstalled()) {
    console.log('Installing packages (npm ci) …');
    install();
  }
  const child = spawn(ownNode, [join(root, script), ...process.argv.slice(2)], { stdio: 'inherit' });
  // From a terminal's Ctrl-C the child hears by itself as well; hearing it twice does no harm.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
