import type { RootContent } from 'mdast';
import { memo, type ReactNode } from 'react';
import { classNames } from '../class-names.ts';
import { t } from '../strings.ts';
import { isOnlyEmoji, splitEmoji } from './emoji.ts';
import css from './markdown.module.css';
import type { Mention } from './mention-syntax.ts';
import { parseMarkdown } from './parse.ts';
import { safeLink } from './safe-link.ts';

/** Names for the ids in a text, and pictures for its custom emoji. */
export interface MarkdownNames {
  readonly users: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
  readonly emoji: Readonly<Record<string, string>>;
}

export interface MarkdownProps {
  text: string;
  names: MarkdownNames;
  /** Whose screen it is: their own mention stands out. */
  me?: string;
  onChannel?(id: string): void;
  /** Drawn at the end of the last line, such as "(edited)". */
  tail?: ReactNode;
}

interface Context {
  names: MarkdownNames;
  me: string | undefined;
  onChannel: ((id: string) => void) | undefined;
}

function MentionChip({ mention, context }: { mention: Mention; context: Context }) {
  const { names, me, onChannel } = context;
  switch (mention.of) {
    case 'all':
      return <span className={classNames(css.mention, css.mine)}>@{mention.value}</span>;
    case 'user':
      return (
        <span className={classNames(css.mention, mention.value === me && css.mine)}>
          @<bdi>{names.users[mention.value] ?? t('mention.unknownPerson')}</bdi>
        </span>
      );
    case 'channel': {
      const name = names.channels[mention.value];
      if (name === undefined || !onChannel)
        return (
          <span className={css.mention}>
            #<bdi>{name ?? t('mention.unknownChannel')}</bdi>
          </span>
        );
      return (
        <button type="button" className={classNames(css.mention, css.open)} onClick={() => onChannel(mention.value)}>
          #<bdi>{name}</bdi>
        </button>
      );
    }
  }
}

function textPieces(text: string, context: Context): ReactNode {
  const pieces = splitEmoji(text, context.names.emoji);
  if (pieces.length === 1 && typeof pieces[0] === 'string') return pieces[0];
  return pieces.map((piece, at) =>
    typeof piece === 'string' ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one immutable text
      <img key={at} className={css.emoji} src={piece.image} alt={`:${piece.name}:`} title={`:${piece.name}:`} />
    ),
  );
}

const all = (nodes: readonly RootContent[], context: Context): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: nodes of one immutable tree have no other identity
  nodes.map((node, at) => <Node key={at} node={node} context={context} />);

function Node({ node, context }: { node: RootContent; context: Context }): ReactNode {
  switch (node.type) {
    case 'text':
      return textPieces(node.value, context);
    case 'paragraph':
      return <p dir="auto">{all(node.children, context)}</p>;
    case 'strong':
      return <strong>{all(node.children, context)}</strong>;
    case 'emphasis':
      return <em>{all(node.children, context)}</em>;
    case 'delete':
      return <del>{all(node.children, context)}</del>;
    case 'inlineCode':
      return <code dir="ltr">{node.value}</code>;
    case 'code':
      return (
        <pre dir="ltr">
          <code>{node.value}</code>
        </pre>
      );
    case 'break':
      return <br />;
    case 'blockquote':
      return <blockquote dir="auto">{all(node.children, context)}</blockquote>;
    case 'list':
      return node.ordered ? (
        <ol dir="auto" start={node.start ?? 1}>
          {all(node.children, context)}
        </ol>
      ) : (
        <ul dir="auto">{all(node.children, context)}</ul>
      );
    case 'listItem':
      return <li>{all(node.children, context)}</li>;
    case 'link': {
      const href = safeLink(node.url);
      if (href === null) return <>{all(node.children, context)}</>;
      return (
        <a href={href} title={href} target="_blank" rel="noopener noreferrer">
          {all(node.children, context)}
        </a>
      );
    }
    case 'mention':
      return <MentionChip mention={node} context={context} />;
    default:
      // Constructs the parser was told to leave out; should one come through, its words are shown and nothing more.
      return 'value' in node ? node.value : 'children' in node ? all(node.children, context) : null;
  }
}

/** A message's text. Everything is drawn from the syntax tree by React; no HTML of anyone's reaches the page. */
export const Markdown = memo(function Markdown({ text, names, me, onChannel, tail }: MarkdownProps) {
  const { children } = parseMarkdown(text);
  const context = { names, me, onChannel };
  const last = children.at(-1);
  const inTail = tail && last?.type === 'paragraph' ? last : null;
  return (
    <div className={classNames(css.markdown, isOnlyEmoji(text) && css.large)}>
      {all(inTail ? children.slice(0, -1) : children, context)}
      {inTail ? (
        <p dir="auto">
          {all(inTail.children, context)} {tail}
        </p>
      ) : (
        tail
      )}
    </div>
  );
});
