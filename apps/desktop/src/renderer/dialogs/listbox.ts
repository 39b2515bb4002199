/** What makes an element a list of options. One that holds none, only words that say so, is not a list. */
export const listbox = (label: string) => ({ role: 'listbox', 'aria-label': label }) as const;
