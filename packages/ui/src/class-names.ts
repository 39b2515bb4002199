/** Joins what is there: `classNames(css.row, selected && css.selected)`. */
export const classNames = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ');
