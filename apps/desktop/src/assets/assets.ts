import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

/** The kinds of files a build of the renderer holds; one of another kind isn't served. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly cacheControl: string;
}

/** The built renderer. */
export interface Assets {
  /** The file at a URL's path, `/` being the page; null where there is none. */
  at(path: string): Promise<Asset | null>;
}

/** Vite puts a content hash into the name of everything below this folder. */
const HASHED = '/assets/';

/**
 * Opens a build. Its files are listed once and only what is on the list is ever read, so no spelling of a path (dots,
 * percent signs, drive letters, links made later) leads out of the folder. Throws where the build is missing.
 */
export async function openAssets(directory: string): Promise<Assets> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(directory, file).split(sep).join('/')}`, file);
  }
  if (!files.has('/index.html')) throw new Error(`${directory} holds no built renderer; run "npm run build"`);
  return {
    async at(path) {
      const name = path === '/' ? '/index.html' : path;
      const file = files.get(name);
      const type = TYPES[extname(name)];
      if (!file || !type) return null;
      return {
        body: new Uint8Array(await readFile(file)),
        type,
        cacheControl: name.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-store',
      };
    },
  };
}
