import { benchAppend } from './append.ts';
import { benchBootstrap } from './bootstrap.ts';
import { benchColdstart } from './coldstart.ts';
import { benchDelivery } from './delivery.ts';
import { benchFanout } from './fanout/mod.ts';
import { benchIngest } from './ingest.ts';
import { benchLarge } from './large.ts';
import { benchMemory } from './memory.ts';
import { type Bench, print } from './report.ts';

const BENCHES: Readonly<Record<string, () => Bench | Promise<Bench>>> = {
  append: benchAppend,
  bootstrap: benchBootstrap,
  coldstart: benchColdstart,
  delivery: benchDelivery,
  fanout: benchFanout,
  ingest: benchIngest,
  large: benchLarge,
  memory: benchMemory,
};

const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const json = process.argv.includes('--json');
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (!names.length || unknown.length) {
  process.stderr.write(`usage: npm run -s bench -- ${Object.keys(BENCHES).join('|')} [--json]\n`);
  process.exit(2);
}
for (const name of names) print(await (BENCHES[name] as () => Bench | Promise<Bench>)(), json);
