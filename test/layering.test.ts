import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

/**
 * The house is read from the ground up: what a folder may import is written here, and everything else is refused. Imports
 * of types count, for a type that leaks through the floors ties them together as well as a value.
 */

const root = resolve(import.meta.dirname, '..');

/** A folder's rule: names of other rooms and of packages outside. A room may always import itself. */
interface Room {
  readonly folder: string;
  readonly rooms: readonly string[];
  /** `'any'`: whatever its package.json lists. */
  readonly packages: readonly string[] | 'any';
  readonly builtins: boolean;
}

const sync = (name: string) => `packages/sync/src/${name}`;
const desktop = (name: string) => `apps/desktop/src/${name}`;

const rooms: Readonly<Record<string, Room>> = {
  model: { folder: sync('model'), rooms: [], packages: ['typebox', 'typebox/compile', 'uuid'], builtins: false },
  protocol: { folder: sync('protocol'), rooms: ['model'], packages: ['typebox', 'typebox/compile'], builtins: true },
  core: { folder: sync('core'), rooms: ['model'], packages: [], builtins: false },
  replica: {
    folder: sync('replica'),
    rooms: ['model', 'core'],
    packages: ['better-sqlite3-multiple-ciphers'],
    builtins: true,
  },
  engine: { folder: sync('engine'), rooms: ['model', 'protocol', 'core', 'replica'], packages: 'any', builtins: true },
  testing: {
    folder: sync('testing'),
    rooms: ['model', 'protocol', 'core', 'replica', 'engine'],
    packages: 'any',
    builtins: true,
  },
  ui: { folder: 'packages/ui/src', rooms: ['model', 'text'], packages: 'any', builtins: false },
  renderer: { folder: desktop('renderer'), rooms: ['ui', 'model', 'text', 'client'], packages: 'any', builtins: false },
  ports: { folder: desktop('ports'), rooms: ['model', 'engine'], packages: ['ws', 'typebox'], builtins: true },
  host: { folder: desktop('host'), rooms: ['ports', 'model', 'engine'], packages: ['typebox'], builtins: true },
  assets: { folder: desktop('assets'), rooms: [], packages: [], builtins: true },
  shell: { folder: desktop('shell'), rooms: ['assets', 'host', 'ports', 'engine'], packages: 'any', builtins: true },
  preload: { folder: desktop('preload'), rooms: [], packages: ['electron'], builtins: false },
  main: {
    folder: desktop('main'),
    rooms: ['assets', 'preload', 'host', 'ports', 'model'],
    packages: ['electron', 'typebox'],
    builtins: true,
  },
  cli: {
    folder: desktop('cli'),
    rooms: ['host', 'ports', 'model', 'text', 'client', 'engine', 'replica', 'static'],
    packages: 'any',
    builtins: true,
  },
  relay: {
    folder: 'apps/relay/src',
    rooms: ['model', 'text', 'protocol', 'core', 'replica'],
    packages: 'any',
    builtins: true,
  },
};

/** Doors of @parley/sync that show a part of a room. */
const narrowDoors: Readonly<Record<string, string>> = {
  '@parley/sync/client': 'client',
  '@parley/sync/text': 'text',
  '@parley/ui/static': 'static',
};
/** Rooms whose types alone may be imported, so that a window's bundle carries none of their code. */
const typesOnly: Readonly<Record<string, readonly string[]>> = { ui: ['model'], renderer: ['model'], main: ['host'] };
/** What tests of a room may import besides. */
const inTests: Readonly<Record<string, readonly string[]>> = {
  model: ['testing'],
  protocol: ['testing'],
  core: ['testing'],
  replica: ['testing'],
  engine: ['testing'],
  relay: ['testing', 'engine', 'client'],
  ports: ['client'],
  host: ['client'],
  shell: ['client'],
};
const testPackages = ['vitest', 'fast-check', 'playwright', 'ws'];

interface Import {
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every module a file names: imports, re-exports, `import()` of values and in types. */
function importsOf(file: string, source: string): Import[] {
  const { module, program, errors } = parseSync(file, source);
  if (errors.length) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Import[] = module.staticImports.map((statement) => ({
    to: statement.moduleRequest.value,
    // An import for its effect alone names nothing and still runs the module.
    typeOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
  }));
  for (const statement of module.staticExports) {
    const [from] = statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? []);
    if (from) found.push({ to: from, typeOnly: statement.entries.every((entry) => entry.isType) });
  }
  new Visitor({
    ImportExpression({ source: named }) {
      found.push({ to: named.type === 'Literal' ? String(named.value) : '(computed)', typeOnly: false });
    },
    TSImportType({ source: named }) {
      found.push({ to: named.value, typeOnly: true });
    },
  }).visit(program);
  return found;
}

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file.includes('/testing/');

function roomOf(file: string): string | null {
  const path = relative(root, file).split(sep).join('/');
  return Object.keys(rooms).find((name) => path.startsWith(`${rooms[name]?.folder}/`)) ?? null;
}

function exportsOf(folder: string): { readonly name: string; readonly doors: Readonly<Record<string, string>> } {
  const { name, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return { name, doors: exports ?? {} };
}
const ownPackages = ['packages/sync', 'packages/ui', 'apps/relay', 'apps/desktop'].map((folder) => ({
  folder,
  ...exportsOf(folder),
}));

const packageOf = (file: string) => ownPackages.find(({ folder }) => file.startsWith(join(root, folder) + sep));

/** Why `file` may not have this import, or null. */
function problem(file: string, { to, typeOnly }: Import): string | null {
  const from = roomOf(file);
  const room = from ? rooms[from] : undefined;
  if (!from || !room) return null;
  const test = isTest(file);
  const allowed = new Set([from, ...room.rooms, ...(test ? (inTests[from] ?? []) : [])]);

  function mayEnter(target: string): string | null {
    if (!allowed.has(target)) return `${from} may not import ${target}`;
    if (!test && !typeOnly && typesOnly[from ?? '']?.includes(target))
      return `${from} may import types of ${target} only`;
    return null;
  }

  if (to.startsWith('.')) {
    const target = resolve(dirname(file), to.replace(/\?.*$/, ''));
    if (packageOf(target) !== packageOf(file)) return 'another package is entered by its exports only';
    const entered = roomOf(target);
    return entered ? mayEnter(entered) : null;
  }
  const own = ownPackages.find(({ name }) => to === name || to.startsWith(`${name}/`));
  if (own) {
    const door = own.doors[`.${to.slice(own.name.length)}`];
    if (!door) return `${own.name} has no door ${to}`;
    if (packageOf(file)?.name === own.name) return 'its own package is imported by path';
    return mayEnter(narrowDoors[to] ?? roomOf(join(root, own.folder, door)) ?? to);
  }
  if (isBuiltin(to)) return room.builtins || test ? null : `${from} runs where there is no ${to}`;
  if (test && testPackages.includes(to)) return null;
  return room.packages === 'any' || room.packages.includes(to) ? null : `${from} may not use the package ${to}`;
}

async function sourceFiles(): Promise<string[]> {
  const folders = ownPackages.map(({ folder }) => join(root, folder, 'src')).filter(existsSync);
  const lists = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
  return lists
    .flat()
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the layering', () => {
  it('is kept by every import, of types too', async () => {
    const broken: string[] = [];
    const files = await sourceFiles();
    for (const file of files) {
      for (const found of importsOf(file, readFileSync(file, 'utf8'))) {
        const why = problem(file, found);
        if (why) broken.push(`${relative(root, file)}: '${found.to}': ${why}`);
      }
    }
    expect(files.length).toBeGreaterThan(100);
    expect(broken).toEqual([]);
  });

  it.each([
    [sync('model/x.ts'), "import type { Fact } from '../core/mod.ts';"],
    [sync('core/x.ts'), "export type { Up } from '../protocol/mod.ts';"],
    [sync('core/x.ts'), "import { now } from 'node:perf_hooks';"],
    [sync('replica/x.ts'), "type A = import('../engine/mod.ts').Engine;"],
    [sync('engine/x.ts'), "import { seeded } from '../testing/mod.ts';"],
    [desktop('renderer/x.tsx'), "import { must } from '@parley/sync/model';"],
    [desktop('renderer/x.tsx'), "const a = await import('@parley/sync/engine');"],
    [desktop('renderer/x.tsx'), "import type { Port } from '@parley/sync/src/engine/port.ts';"],
    [desktop('main/x.ts'), "import '../host/main.ts';"],
    [desktop('shell/x.ts'), "import { seeded } from '../../../../packages/sync/src/testing/mod.ts';"],
    ['packages/ui/src/x.tsx', "import { clientOf } from '@parley/sync/client';"],
    ['apps/relay/src/x.ts', "import { seeded } from '@parley/sync/testing';"],
    ['apps/relay/src/x.ts', "import { openHost } from '../../desktop/src/host/mod.ts';"],
  ])('would refuse in %s: %s', (path, source) => {
    const file = join(root, path);
    expect(importsOf(file, source).map((found) => problem(file, found))).toEqual([
      expect.stringMatching(/ may |only$|no door|runs where/),
    ]);
  });

  it('would allow what it should', () => {
    const file = join(root, desktop('renderer/x.tsx'));
    const source =
      "import type { A } from '@parley/sync/model'; import { clientOf } from '@parley/sync/client'; import { b } from '@parley/ui';";
    expect(importsOf(file, source).map((found) => problem(file, found))).toEqual([null, null, null]);
  });
});
