import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileNames } from '../file-names.ts';

/** What the relay takes for a picture. Of SVG there is none: it can hold more than a picture. */
const DATA_URL = /^data:image\/(png|gif|webp|jpeg);base64,([A-Za-z0-9+/]+=*)$/;

/** Pictures of people and emoji, each written once, when a page first shows it. */
export class Pictures {
  readonly #directory: string;
  readonly #paths = new Map<string, string | null>();
  readonly #names = new FileNames();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The path within the export of the picture with this key, or null where `find` finds none that can be shown. */
  pathOf(key: string, name: string, find: () => string | undefined): string | null {
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const path = this.#write(name, find() ?? '');
    this.#paths.set(key, path);
    return path;
  }

  #write(name: string, url: string): string | null {
    const [, type, data] = DATA_URL.exec(url) ?? [];
    if (type === undefined || data === undefined) return null;
    const path = `pictures/${this.#names.take(name, 'picture')}.${type}`;
    const whole = join(this.#directory, path);
    mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
    writeFileSync(whole, Buffer.from(data, 'base64'), { flag: 'wx', mode: 0o600, flush: true });
    return path;
  }
}
