import { apply, type Decision, decide, MemoryView, type WritableView } from '../core/mod.ts';
import {
  type Body,
  type Intent,
  type KnownFact,
  type KnownIntent,
  newId,
  OP_VERSION,
  type OpId,
  type OpKind,
  type StreamId,
  SYSTEM_DEVICE,
  type UserId,
  type WorkspaceId,
} from '../model/mod.ts';
import { Prng } from './prng.ts';

export const LEDGER_WORKSPACE = '01800000-0000-7000-8000-000000000001' as WorkspaceId;
/** An instant every ledger begins at, ms. */
const START_MS = 1_800_000_000_000;

/** The smallest relay: decides, numbers and applies, one op at a time, and keeps every fact. */
export class Ledger {
  readonly view: WritableView;
  readonly facts: KnownFact[] = [];
  readonly #rng = new Prng(1);
  readonly #heads = new Map<StreamId, number>();
  now = START_MS;

  constructor(view: WritableView = new MemoryView()) {
    this.view = view;
  }

  readonly head = (s: StreamId): number => this.#heads.get(s) ?? 0;

  newId<T extends string = OpId>(): T {
    return newId<T>(this.now, (bytes) => this.#rng.fill(bytes));
  }

  intent<K extends OpKind>(
    s: StreamId,
    k: K,
    b: Body<K>,
    more: { readonly i?: OpId; readonly base?: number } = {},
  ): Intent<K> {
    const { i = this.newId(), base } = more;
    return { i, n: 0, s, k, v: OP_VERSION, t: this.now, b, ...(base === undefined ? {} : { base }) } as Intent<K>;
  }

  /** What would become of an intent, as the relay would decide it now. */
  judge(actor: UserId, intent: Intent, authority: 'person' | 'system' = 'person'): Decision {
    return decide(this.view, intent as KnownIntent, {
      workspace: LEDGER_WORKSPACE,
      actor,
      now: this.now,
      authority,
      head: this.head,
    });
  }

  /** Decides an intent and, where it is accepted, makes it so. */
  submit(actor: UserId, intent: Intent, authority: 'person' | 'system' = 'person'): Decision {
    this.now += 1_000;
    const decision = this.judge(actor, intent, authority);
    if (!decision.ok) return decision;
    for (const draft of decision.facts) {
      const q = this.head(draft.s) + 1;
      this.#heads.set(draft.s, q);
      const fact = { ...draft, q, at: this.now, a: actor, d: SYSTEM_DEVICE } as KnownFact;
      this.facts.push(fact);
      apply(this.view, fact);
    }
    return decision;
  }

  /** Submits what has to be accepted. */
  make<K extends OpKind>(
    actor: UserId,
    s: StreamId,
    k: K,
    b: Body<K>,
    more: { readonly i?: OpId; readonly authority?: 'person' | 'system' } = {},
  ): OpId {
    const intent = this.intent(s, k, b, more);
    const decision = this.submit(actor, intent, more.authority);
    if (!decision.ok) throw new Error(`${k} was refused: ${decision.reject.code}, ${decision.reject.detail}`);
    return intent.i;
  }
}
