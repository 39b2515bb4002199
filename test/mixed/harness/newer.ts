import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/*
 * Loaded before anything else, makes of this checkout a build of the day after tomorrow: it knows one kind of op more,
 * and a later version of another. Both change a message's text, so that a replica that did not read them can be told
 * from one that did.
 */

const root = join(import.meta.dirname, '../../..');

/** Files as the newer build has them: what stands in each, and what stands there instead. */
const CHANGES: Readonly<Record<string, readonly (readonly [was: string, is: string])[]>> = {
  'packages/sync/src/model/ops/mod.ts': [
    ["import type { Static, TSchema } from 'typebox';", "import Type, { type Static, type TSchema } from 'typebox';"],
    [
      "'msg.edit': { stream: 'c', from: 'person', body: MsgEdit },",
      `'msg.edit': { stream: 'c', from: 'person', body: Type.Object(
         { ...MsgEdit.properties, tone: Type.Optional(Type.String()) }, { additionalProperties: false }) },
       'zz.thing': { stream: 'c', from: 'person', body: MsgEdit },`,
    ],
  ],
  'packages/sync/src/model/check.ts': [
    ['fact.v <= OP_VERSION', 'fact.v <= 2'],
    ['intent.v <= OP_VERSION', 'intent.v <= 2'],
  ],
  'packages/sync/src/core/apply/mod.ts': [
    [
      'return applyMsgEdit(view, fact);',
      `return applyMsgEdit(view, fact.v < 2 ? fact : { ...fact, b: { ...fact.b, text: \`\${fact.b.text} (\${fact.b.tone})\` } });
       case 'zz.thing':
         return applyMsgEdit(view, { ...fact, b: { ...fact.b, text: fact.b.text.toUpperCase() } });`,
    ],
  ],
  'packages/sync/src/core/decide/mod.ts': [["    case 'msg.edit':", "    case 'zz.thing':\n    case 'msg.edit':"]],
  'apps/relay/src/room/judge.ts': [['intent.v > OP_VERSION', 'intent.v > 2']],
};

const changed = new Map(
  Object.entries(CHANGES).map(([file, changes]) => {
    const path = join(root, file);
    const source = changes.reduce(
      (text, [was, is]) => {
        if (text.split(was).length !== 2) throw new Error(`${file} has not exactly one: ${was}`);
        return text.replace(was, () => is);
      },
      readFileSync(path, 'utf8'),
    );
    return [pathToFileURL(path).href, source] as const;
  }),
);

registerHooks({
  load: (url, context, next) => {
    const source = changed.get(url);
    return source === undefined ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true };
  },
});
