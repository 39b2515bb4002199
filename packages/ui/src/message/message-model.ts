import type { MarkdownNames } from '../markdown/markdown.tsx';

/** A reaction as drawn: who used it is already a phrase. */
export interface ReactionProps {
  readonly emoji: string;
  readonly image: string | null;
  readonly count: number;
  readonly mine: boolean;
  readonly who: string;
}

export interface MessageFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly url?: string | undefined;
}

/** What a message shows. It knows nothing of where it comes from. */
export interface MessageProps {
  readonly id: string;
  readonly author: string;
  readonly name: string;
  readonly avatar: string;
  readonly kind: 'post' | 'me' | 'bot';
  readonly at: number;
  readonly text: string;
  readonly editedAt: number;
  readonly conflict: boolean;
  readonly deleted: boolean;
  readonly pinned: boolean;
  readonly saved: boolean;
  readonly mentionsMe: boolean;
  readonly reactions: readonly ReactionProps[];
  readonly files: readonly MessageFile[];
  readonly thread: {
    readonly replies: number;
    readonly lastAt: number;
    readonly people: readonly { id: string; name: string }[];
  } | null;
  /** A reply shown in the conversation too. */
  readonly also: boolean;
  readonly pending: {
    readonly state: 'waiting' | 'sent' | 'failed';
    readonly detail: string;
    readonly whole: boolean;
  } | null;
  readonly names: MarkdownNames;
  readonly me: string;
  /** What the person may do with it. */
  readonly may: { readonly edit: boolean; readonly delete: boolean; readonly reply: boolean; readonly write: boolean };
}

/** What a person does to a message; one listener gets them all. */
export type MessageEvent =
  | { readonly do: 'react'; readonly emoji: string; readonly on: boolean }
  | { readonly do: 'thread' | 'edit' | 'delete' | 'markUnread' | 'copy' | 'history' | 'why' }
  | { readonly do: 'pin' | 'save'; readonly on: boolean }
  /** On what was not delivered. */
  | { readonly do: 'retry' | 'editPending' | 'copyPending' | 'drop' }
  | { readonly do: 'channel'; readonly channel: string };
