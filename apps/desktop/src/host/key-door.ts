import { HomeAccessError, type HomeKeys } from '@parley/sync/engine';
import { compileCheck } from '@parley/sync/model';
import Type from 'typebox';

/** What a person's terminal may ask about the key of a home that another process has open. */
export type KeyRequest =
  | { readonly op: 'recovery_key'; readonly passphrase: string | null }
  | { readonly op: 'set_passphrase'; readonly passphrase: string | null; readonly next: string | null };

const Passphrase = Type.Union([Type.String(), Type.Null()]);
export const KeyRequestSchema = Type.Union([
  Type.Object({ op: Type.Literal('recovery_key'), passphrase: Passphrase }),
  Type.Object({ op: Type.Literal('set_passphrase'), passphrase: Passphrase, next: Passphrase }),
]);

/** `code` is that of a `HomeAccessError`, or `internal`. */
export type KeyAnswer =
  | { readonly ok: true; readonly recoveryKey: string | null }
  | { readonly ok: false; readonly code: string; readonly message: string };
export const isKeyAnswer = compileCheck<KeyAnswer>(
  Type.Union([
    Type.Object({ ok: Type.Literal(true), recoveryKey: Type.Union([Type.String(), Type.Null()]) }),
    Type.Object({ ok: Type.Literal(false), code: Type.String(), message: Type.String() }),
  ]),
);

/** Does what was asked; what the keys refuse is an answer. */
export async function answerKeyRequest(keys: HomeKeys, request: KeyRequest): Promise<KeyAnswer> {
  try {
    if (request.op === 'recovery_key') return { ok: true, recoveryKey: await keys.recoveryKey(request.passphrase) };
    await keys.setPassphrase(request.passphrase, request.next);
    return { ok: true, recoveryKey: null };
  } catch (error) {
    if (error instanceof HomeAccessError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
}
