/** A JSON value as it crosses the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
