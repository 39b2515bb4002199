/** Messages between a window's preload script and the main process. */
export const CONNECT_CHANNEL = 'parley:connect';
export const PORT_CHANNEL = 'parley:port';
/** The `type` of the message by which a page gets its port. */
export const PORT_MESSAGE = 'parley:port';
