import { dirname, join } from 'node:path';
import { build } from 'vite';

/** What is left to the machine that runs a release: native modules, which are made per platform, and the socket library. */
const EXTERNAL = [
  'better-sqlite3-multiple-ciphers',
  'libsql',
  '@node-rs/argon2',
  'ws',
  'bufferutil',
  'utf-8-validate',
  'pino-pretty',
];

export interface BundleOptions {
  /** The module whose exports the bundle has. */
  readonly entry: string;
  readonly into: string;
  /** The file's name, with its ending. */
  readonly name: string;
}

/** Makes one ESM file of a module and of all it imports, so that a release can still be run when its sources are history. */
export async function bundle({ entry, into, name }: BundleOptions): Promise<string> {
  await build({
    root: dirname(entry),
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: entry,
      outDir: into,
      emptyOutDir: false,
      target: 'node24',
      minify: true,
      reportCompressedSize: false,
      rolldownOptions: {
        external: EXTERNAL,
        output: { format: 'es', entryFileNames: name, codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  });
  return join(into, name);
}
