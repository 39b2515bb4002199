import Type, { type Static } from 'typebox';
import { StreamIdSchema, TABLE_NAMES, type TableName } from '../model/mod.ts';
import { ChainText } from './probe.ts';

const value = Type.Union([Type.String(), Type.Number(), Type.Null()]);

/**
 * A page of a stream as rows: the answer to `backfill`, and what a bootstrap is made of (`r` 0). `head` is the stream's
 * sequence when the page was read. `lo` is the oldest creation sequence a conversation is now held down to. Values
 * stand in the order of the table's columns. `next` asks for the following page, null after the last. Since version 2:
 * `chain` is the link of the stream's hash chain at `head`; `count` says how many members a conversation has of which only
 * one's own row is sent; `partial` pages hold rows that were asked for by name and say nothing about the others.
 */
export const RowsFrame = Type.Object({
  m: Type.Literal('rows'),
  r: Type.Integer({ minimum: 0 }),
  s: StreamIdSchema,
  head: Type.Integer({ minimum: 0 }),
  lo: Type.Integer({ minimum: 0 }),
  chain: Type.Optional(ChainText),
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  partial: Type.Optional(Type.Literal(true)),
  next: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
  tables: Type.Array(
    Type.Object({
      t: Type.Unsafe<TableName>(Type.Union(TABLE_NAMES.map((name) => Type.Literal(name)))),
      rows: Type.Array(Type.Array(value)),
    }),
  ),
});
export type RowsFrame = Static<typeof RowsFrame>;
