import Type from 'typebox';
import { type DeviceId, DeviceIdSchema, type OpId, OpIdSchema, type UserId, UserIdSchema } from './ids.ts';
import type { Body, OpKind } from './ops/mod.ts';
import { type StreamId, StreamIdSchema } from './streams.ts';

const seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const time = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
const kind = Type.String({ pattern: '^[a-z]{1,16}\\.[a-z]{1,16}$' });

/**
 * What a device asks for. `i` id, `n` device counter, `s` stream, `k` kind, `v` version, `t` authored time (ms), `b`
 * body, `base` the `ver` of the text an edit was made against. The body is checked against its kind separately, so an
 * op of a newer build is an unknown kind and not a malformed frame.
 */
export const IntentSchema = Type.Object(
  {
    i: OpIdSchema,
    n: seq,
    s: StreamIdSchema,
    k: kind,
    v: Type.Integer({ minimum: 1, maximum: 1_000 }),
    t: time,
    b: Type.Unsafe<Record<string, unknown>>(Type.Record(Type.String(), Type.Unknown())),
    base: Type.Optional(seq),
  },
  { additionalProperties: false },
);

/** What the decision found out that a replica could not know from the body alone. */
export const DerivedSchema = Type.Object({
  /** Ordinal of a message in its conversation: what unread counts subtract. */
  ord: Type.Optional(seq),
  /** Ordinal of a reply in its thread. */
  tord: Type.Optional(seq),
  /** Thread root of the message this op touches. */
  root: Type.Optional(OpIdSchema),
  /** The op this one is an effect of. */
  src: Type.Optional(OpIdSchema),
  /** An edit made against a text that had changed meanwhile. */
  conflict: Type.Optional(Type.Literal(true)),
});

/**
 * What the relay decided: the intent plus `q` sequence in its stream, `at` relay time (ms), `a` author, `d` device,
 * `x` what the decision derived. The last fact of a stream in each batch has the relay's mark `m` on the stream's hash
 * chain up to here: by it a relay that lost the fact knows later that it was its own. The same bytes everywhere.
 */
export const FactSchema = Type.Object({
  ...IntentSchema.properties,
  q: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  at: time,
  a: UserIdSchema,
  d: DeviceIdSchema,
  x: Type.Optional(DerivedSchema),
  m: Type.Optional(Type.String({ pattern: '^[\\w-]{22}$' })),
});

export interface Derived {
  ord?: number;
  tord?: number;
  root?: OpId;
  src?: OpId;
  conflict?: true;
}

export interface Intent<K extends string = string> {
  readonly i: OpId;
  readonly n: number;
  readonly s: StreamId;
  readonly k: K;
  readonly v: number;
  readonly t: number;
  readonly b: K extends OpKind ? Body<K> : Readonly<Record<string, unknown>>;
  readonly base?: number;
}

export interface Fact<K extends string = string> extends Intent<K> {
  readonly q: number;
  readonly at: number;
  readonly a: UserId;
  readonly d: DeviceId;
  readonly x?: Derived;
  readonly m?: string;
}

/** A fact whose kind this build knows; its body has been checked. Narrows on `k`. */
export type KnownFact = { [K in OpKind]: Fact<K> }[OpKind];
/** An intent whose kind this build knows; its body has been checked. Narrows on `k`. */
export type KnownIntent = { [K in OpKind]: Intent<K> }[OpKind];

/** The one encoding of a fact, key order fixed: what is stored, sent and compared. */
export function encodeFact(f: Fact): string {
  const text = encodeUnmarked(f);
  return f.m === undefined ? text : markFact(text, f.m);
}

/** A fact without the relay's mark: what its commitment in the hash chain is made of. */
export function encodeUnmarked({ i, n, s, k, v, t, b, base, q, at, a, d, x }: Fact): string {
  return JSON.stringify({ q, i, s, k, v, at, a, d, n, t, b, base, x });
}

/** The encoding of a fact, given the unmarked one and its mark. */
export const markFact = (unmarked: string, mark: string): string => `${unmarked.slice(0, -1)},"m":"${mark}"}`;
