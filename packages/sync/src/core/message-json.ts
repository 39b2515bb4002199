import type { FileRef, MessageRow, NoteKind, UserId } from '../model/mod.ts';

/** `[emoji, people in order]`, in order of first use. */
export type Reaction = readonly [emoji: string, users: readonly UserId[]];

/** A text a message had before. */
export interface FormerText {
  readonly text: string;
  readonly at: number;
  readonly q: number;
}

/** What only some messages have. */
export interface MessageExtra {
  readonly bot?: { readonly name: string; readonly icon?: string };
  readonly ts?: string;
  readonly note?: NoteKind;
  readonly about?: string;
}

/** Rows hold these as JSON text written by `apply` alone, so reading them back needs no second check. */
export const parseReactions = (row: MessageRow): readonly Reaction[] =>
  row.reactions === '[]' ? [] : (JSON.parse(row.reactions) as Reaction[]);
export const parseHistory = (row: MessageRow): readonly FormerText[] =>
  row.history === '[]' ? [] : (JSON.parse(row.history) as FormerText[]);
export const parseRepliers = (row: MessageRow): readonly UserId[] =>
  row.repliers === '[]' ? [] : (JSON.parse(row.repliers) as UserId[]);
export const parseFiles = (row: MessageRow): readonly FileRef[] =>
  row.files === '[]' ? [] : (JSON.parse(row.files) as FileRef[]);
export const parseExtra = (row: MessageRow): MessageExtra =>
  row.extra === '{}' ? {} : (JSON.parse(row.extra) as MessageExtra);
