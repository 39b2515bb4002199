/** Why the relay refused an op. Part of the wire: a code is never reused for another meaning. */
export const RETRYABLE = ['rate_limited', 'not_leader', 'unknown_ref'] as const;
export const FINAL = [
  'malformed',
  'not_member',
  'forbidden',
  'archived',
  'target_gone',
  'edit_window',
  'too_large',
  'too_many',
  'name_taken',
  'bad_name',
  'already',
  'last_owner',
  'unknown_kind',
] as const;

export type RejectCode = (typeof RETRYABLE)[number] | (typeof FINAL)[number];

/** A refusal: the code decides what happens to the op, the detail is a sentence for the person who wrote it. */
export interface Reject {
  readonly code: RejectCode;
  readonly detail: string;
}

export const isRetryable = (code: RejectCode): boolean => (RETRYABLE as readonly string[]).includes(code);

export const reject = (code: RejectCode, detail: string): { readonly ok: false; readonly reject: Reject } => ({
  ok: false,
  reject: { code, detail },
});
