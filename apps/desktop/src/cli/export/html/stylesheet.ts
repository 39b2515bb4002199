import { readFileSync } from 'node:fs';
import { AVATAR_COLOURS } from '@parley/ui/static';

const read = (url: string): string => readFileSync(new URL(url), 'utf8');

/** The styles of every page: the window's own colours and sizes, and what is made of them here. */
export const stylesheet = (): string =>
  [
    read(import.meta.resolve('@parley/ui/tokens.css')),
    read(new URL('./style.css', import.meta.url).href),
    ...Array.from({ length: AVATAR_COLOURS }, (_, at) => `.colour${at} {\n  background: var(--avatar-${at});\n}\n`),
  ].join('\n');
