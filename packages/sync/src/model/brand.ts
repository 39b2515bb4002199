import Type from 'typebox';

declare const brand: unique symbol;

/** A string or number that only its own guard or maker may produce. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

/** Schema of a branded lower-case UUID. */
export function brandedUuid<B extends string>() {
  return Type.Unsafe<Brand<string, B>>(Type.String({ pattern: UUID }));
}
