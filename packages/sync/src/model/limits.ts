/**
 * Every limit a person or a peer can run into. The relay enforces them when an op is ordered; the interface reads the
 * same numbers to say no before anything is sent.
 */

/** Slack's own limit for one message; longer text belongs in a file or a snippet. Counted in UTF-16 units. */
export const MAX_TEXT = 40_000;
/** One message can't ring more people than this by name; @channel exists for more. */
export const MAX_MENTIONS = 200;
/** Each edit keeps the former text; a message edited more often than this is a document. */
export const MAX_EDITS = 200;
/** Distinct emoji on one message. */
export const MAX_REACTION_KINDS = 50;
/** References to files in one message. */
export const MAX_FILES = 20;
/** The seed's column widths. */
export const MAX_CHANNEL_NAME = 80;
export const MAX_TOPIC = 250;
export const MAX_PERSON_NAME = 80;
/** A group conversation of more people is a private channel. */
export const MAX_DIRECT_MEMBERS = 9;
/** People in one invite; more go in several ops so that one op never stalls a partition. */
export const MAX_INVITE = 500;
/** Custom emoji travel inside the op: small enough that a thousand of them cost a bootstrap little. Bytes of base64. */
export const MAX_EMOJI_DATA = 87_400;
/** JSON text of one preference value. */
export const MAX_PREFERENCE = 8_000;
/** A profile picture inside the op, as a data URL. */
export const MAX_AVATAR_DATA = 87_400;
/** Joins are noted in the conversation only while it is small enough for anyone to care. */
export const NOTE_MEMBER_LIMIT = 200;
/** Pending drafts are whole texts; the same limit as a message, and room for more before it is cut. */
export const MAX_DRAFT = 100_000;
/** An authored time further than this from the relay's is clamped (sync.md §3). */
export const MAX_CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;
/** Bytes of one frame from a device: the largest body, escaped, with room to batch. */
export const MAX_FRAME_BYTES = 1_048_576;
/** Ops in one push. */
export const MAX_PUSH = 200;
/** Rows asked for in one backfill page. */
export const MAX_BACKFILL = 1_000;
