/**
 * What a window may send in one message. The longest text a person can send is far below; a whole profile picture or a
 * custom emoji as a data URL still fits.
 */
export const MAX_TO_ENGINE_BYTES = 2 * 1024 * 1024;

/** What the engine may answer in one message: a long timeline with its names. Beyond it something is wrong. */
export const MAX_FROM_ENGINE_BYTES = 64 * 1024 * 1024;

/**
 * How far a window may fall behind before it is cut off. It comes back and asks again, which costs less than keeping
 * every change it did not read.
 */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** Nothing the engine understands nests deeper; a check that recurses must end. */
export const MAX_DEPTH = 16;
