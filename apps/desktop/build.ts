import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type InlineConfig, version as viteVersion } from 'vite';

/** Builds what the desktop app runs into `dist/`. A part whose sources are as they were at its last build is left alone. */

const here = import.meta.dirname;
const root = join(here, '../..');
const dist = join(here, 'dist');

interface Part {
  readonly name: string;
  /** Folders and files, from the root, whose content decides what comes out. */
  readonly from: readonly string[];
  readonly config: InlineConfig;
}

const everyPart = ['package-lock.json', 'apps/desktop/package.json', 'apps/desktop/build.ts', 'packages/sync/src'];
const source = (folder: string): string => `apps/desktop/src/${folder}`;

/** A program for Node: one file, dependencies included, except what only the process that runs it has. */
function nodePart(name: string, entry: string, external: readonly string[], format: 'es' | 'cjs'): InlineConfig {
  const extension = format === 'es' ? 'js' : 'cjs';
  return {
    root: here,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: join(here, 'src', entry),
      outDir: join(dist, name),
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        external: [...external],
        output: { format, entryFileNames: `${name}.${extension}`, codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  };
}

/** `ws` looks for these faster variants of itself and does without. */
const absentOnPurpose = ['bufferutil', 'utf-8-validate'];

const parts: readonly Part[] = [
  {
    name: 'renderer',
    from: [...everyPart, source('renderer'), 'apps/desktop/vite.config.ts', 'packages/ui/src'],
    config: {
      configFile: join(here, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: join(dist, 'renderer'), emptyOutDir: true },
    },
  },
  {
    name: 'main',
    from: [...everyPart, ...['main', 'preload', 'host', 'ports', 'assets'].map(source)],
    config: nodePart('main', 'main/main.ts', ['electron'], 'es'),
  },
  {
    name: 'preload',
    from: [...everyPart, source('preload')],
    // A sandboxed preload script is a CommonJS file that can require little beside 'electron'.
    config: nodePart('preload', 'preload/preload.ts', ['electron'], 'cjs'),
  },
  {
    name: 'host',
    from: [...everyPart, ...['host', 'ports'].map(source)],
    config: nodePart('host', 'host/main.ts', ['better-sqlite3-multiple-ciphers', ...absentOnPurpose], 'es'),
  },
];

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (!entries) return [path];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fingerprint(part: Part): Promise<string> {
  const hash = createHash('sha256').update(viteVersion);
  const files = (await Promise.all(part.from.map((path) => filesOf(join(root, path))))).flat();
  for (const file of files.sort()) {
    if (/\.test\.tsx?$/.test(file)) continue;
    hash.update(`\0${relative(root, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function buildPart(part: Part): Promise<void> {
  const stampFile = join(dist, `${part.name}.stamp`);
  const stamp = await fingerprint(part);
  if (existsSync(join(dist, part.name)) && (await readFile(stampFile, 'utf8').catch(() => '')) === stamp) {
    console.log(`build: ${part.name} is up to date`);
    return;
  }
  const started = performance.now();
  // Removed first, so that a build that breaks off is never taken for a whole one.
  await rm(stampFile, { force: true });
  await build(part.config);
  await mkdir(dist, { recursive: true });
  await writeFile(stampFile, stamp);
  console.log(`build: ${part.name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length)
  throw new Error(`no such part: ${unknown.join(', ')}; there are ${parts.map((part) => part.name).join(', ')}`);
for (const part of parts) if (!wanted.length || wanted.includes(part.name)) await buildPart(part);
