/** Slack's message text as a tree. Text here is plain: entities decoded, nothing escaped. */
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'link'; url: string; label: string | null }
  /** One of our own tokens, as `<@id>` or `<!here>`. */
  | { type: 'mention'; token: string }
  | { type: Emphasis; children: Inline[] };

export type Emphasis = 'bold' | 'italic' | 'strike';

export type Block =
  | { type: 'paragraph'; lines: Inline[][] }
  | { type: 'list'; items: { level: number; content: Inline[] }[] }
  | { type: 'code'; text: string }
  | { type: 'quote'; blocks: Block[] };

/** Slack ids to ours; null where we have no such user or channel, which leaves a plain name. */
export interface Resolve {
  user(id: string): string | null;
  channel(id: string): string | null;
}
