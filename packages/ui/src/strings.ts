import { type Catalogue, type English, en } from './strings-en.ts';

/**
 * Every word a person reads comes through here. A catalogue entry is a text with `{names}` in it, or one text per
 * plural form of the language; which form stands for which number is the language's own rule, asked of `Intl`.
 */
type Named<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;
type Forms<E> = E extends string ? E : E extends Readonly<Record<string, infer Form>> ? Extract<Form, string> : never;
type NamesOf<K extends StringKey> = (English[K] extends string ? never : 'count') | Named<Forms<English[K]>>;
type Values<K extends StringKey> = { readonly [N in NamesOf<K>]: N extends 'count' ? number : string | number };
type Arguments<K extends StringKey> = [NamesOf<K>] extends [never] ? [] : [values: Values<K>];

export type StringKey = keyof English;
/** Texts that have no holes. */
export type PlainKey = { readonly [K in StringKey]: Arguments<K> extends [] ? K : never }[StringKey];

const languages: Readonly<Record<string, Catalogue>> = { en };

/** The language of the catalogue in use, which dates and numbers follow. */
export const language = 'en';
const catalogue: Catalogue = languages[language] ?? en;
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
const percents = new Intl.NumberFormat(language, { style: 'percent', roundingMode: 'floor' });

/** A number as the language writes it. */
export const formatCount = (count: number): string => numbers.format(count);

/** A share from 0 to 1, rounded down: a hundred is said of the whole only. */
export const formatPercent = (share: number): string => percents.format(share);

function template(key: StringKey, count: number | undefined): string {
  const entry: string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = catalogue[key];
  if (typeof entry === 'string') return entry;
  return entry[plurals.select(count ?? 0)] ?? entry.other ?? '';
}

const HOLE = /\{(\w+)\}/g;

/** The text of `key` with its names filled in; `count` chooses the plural form and is written with separators. */
export function t<K extends StringKey>(key: K, ...[values]: Arguments<K>): string {
  const given: Readonly<Record<string, string | number>> = values ?? {};
  const count = given.count;
  return template(key, typeof count === 'number' ? count : undefined).replace(HOLE, (hole, name: string) => {
    const value = given[name];
    return value === undefined ? hole : typeof value === 'number' ? numbers.format(value) : value;
  });
}

/** As `t`, in pieces: what fills a name may be anything an interface draws, such as a name kept apart by `<bdi>`. */
export function pieces<T>(key: StringKey, values: Readonly<Record<string, T>>, count?: number): (string | T)[] {
  return template(key, count)
    .split(HOLE)
    .map((piece, at) => (at % 2 === 0 ? piece : (values[piece] ?? piece)))
    .filter((piece) => piece !== '');
}
