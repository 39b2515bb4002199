import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { getOrMake } from './get-or-make.ts';
import type { Fact, Intent, KnownFact, KnownIntent } from './op.ts';
import { isOpKind, OP_VERSION, OPS, type OpKind } from './ops/mod.ts';

/** A compiled schema: says whether a value fits and, if not, where it first fails. */
export interface Check<T> {
  (value: unknown): value is T;
  /** First failure as `path: message`, for the one who sent the value. */
  problem(value: unknown): string;
}

/** Compiles `schema` on first use: a process that never meets a message never pays for its validator. */
export function compileCheck<T>(schema: TSchema): Check<T> {
  let compiled: ReturnType<typeof Compile> | null = null;
  const get = () => {
    compiled ??= Compile(schema);
    return compiled;
  };
  const check = ((value: unknown) => get().Check(value)) as Check<T>;
  check.problem = (value) => {
    const first = get().Errors(value)[0];
    return first ? `${first.instancePath || '/'}: ${first.message}` : 'does not fit its schema';
  };
  return check;
}

const bodies = new Map<OpKind, Check<unknown>>();

/** The check of a kind's body. */
export function bodyCheck(kind: OpKind): Check<unknown> {
  return getOrMake(bodies, kind, () => compileCheck(OPS[kind].body));
}

/** Whether this build can apply the fact: kind and version known, body as its schema says. */
export function isKnownFact(fact: Fact): fact is KnownFact {
  return isOpKind(fact.k) && fact.v <= OP_VERSION && bodyCheck(fact.k)(fact.b);
}

/** Whether this build can decide the intent. */
export function isKnownIntent(intent: Intent): intent is KnownIntent {
  return isOpKind(intent.k) && intent.v <= OP_VERSION && bodyCheck(intent.k)(intent.b);
}
