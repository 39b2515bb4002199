/** Why a relay ends a connection; each calls for something else from the device. */
export const BYE_CODES = [
  /** The first frame was not a hello this relay understands, or came too late. */
  'bad_hello',
  /** The token is unknown, revoked or expired: sign in again. */
  'unauthenticated',
  /** Signed in, but not (or no longer) a person of this workspace. */
  'not_in_workspace',
  /** The relay speaks no version this device does. */
  'version',
  /** No cursor, or one this relay can't resume from: fetch a bootstrap. */
  'bootstrap_required',
  /** The cursor was not made by this relay for this workspace. */
  'bad_cursor',
  /** The cursor is ahead of the log in the same history: the log went backwards, and somebody must look at it. */
  'log_behind',
  /** This device id was seen living elsewhere: ask for a new one. */
  'device_cloned',
  /** The device did not read what was sent to it. */
  'too_slow',
  /** More frames of garbage than a working client would send. */
  'abuse',
  /** The relay is going down; come back after the given time. */
  'shutdown',
  'going_away',
] as const;
export type ByeCode = (typeof BYE_CODES)[number];
