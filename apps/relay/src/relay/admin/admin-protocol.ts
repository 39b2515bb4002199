import { createHmac } from 'node:crypto';
import { compileCheck } from '@parley/sync/model';
import Type, { type Static } from 'typebox';

/**
 * Lines of JSON. The server opens with a challenge; the client answers with a proof that it can read the directory's
 * secret, and its command. Then come progress lines and one result or error. On POSIX the socket's mode keeps others out
 * already; a named pipe on Windows is open to more, and there the proof is what counts.
 */
export const Challenge = Type.Object({ challenge: Type.String({ minLength: 43, maxLength: 43 }) });
export const isChallenge = compileCheck<Static<typeof Challenge>>(Challenge);

export const Request = Type.Object(
  { proof: Type.String({ maxLength: 64 }), command: Type.String({ maxLength: 64 }), args: Type.Unknown() },
  { additionalProperties: false },
);
export const isRequest = compileCheck<Static<typeof Request>>(Request);

const Answer = Type.Union([
  Type.Object({ progress: Type.String() }),
  Type.Object({ result: Type.Unknown() }),
  Type.Object({ error: Type.Object({ what: Type.String(), remedy: Type.String() }) }),
]);
export type Answer = Static<typeof Answer>;
export const isAnswer = compileCheck<Answer>(Answer);

/** A request holds at most a password and a list of channels. */
export const MAX_REQUEST_BYTES = 65_536;

export const proofOf = (secret: Uint8Array, challenge: string): string =>
  createHmac('sha256', secret).update(`parley admin ${challenge}`).digest('base64url');
