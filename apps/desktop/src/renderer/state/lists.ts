/** Lists across conversations, each of which stands in the place of one. */
export const LISTS = ['unreads', 'threads', 'activity', 'later'] as const;
export type ListName = (typeof LISTS)[number];
