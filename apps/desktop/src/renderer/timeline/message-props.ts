import type { ChannelView, MessageView, Names, PersonView } from '@parley/sync/model';
import { type MessageProps, type ReactionProps, t } from '@parley/ui';
import { isUnsent } from './group-messages.ts';

/** What decides how a message is drawn, beside the message. */
export interface MessageContext {
  readonly names: Names;
  readonly me: PersonView;
  readonly channel: ChannelView | null;
  /** How long an author may edit; null for ever. */
  readonly editWindowMs: number | null;
}

/** More names than this would cover the screen they explain. */
const MOST_NAMES = 8;
const list = new Intl.ListFormat(undefined, { type: 'conjunction' });

function who(users: MessageView['reactions'][number]['users'], { names, me }: MessageContext): string {
  const shown = users
    .slice(0, MOST_NAMES)
    .map((user) => (user === me.id ? t('common.you') : (names.users[user] ?? t('mention.unknownPerson'))));
  const rest = users.length - shown.length;
  return rest > 0 ? t('reaction.more', { names: shown.join(', '), count: rest }) : list.format(shown);
}

const reactionsOf = (message: MessageView, context: MessageContext): readonly ReactionProps[] =>
  message.reactions.map((reaction) => ({
    emoji: reaction.emoji,
    image: reaction.image,
    count: reaction.users.length,
    mine: reaction.mine,
    who: who(reaction.users, context),
  }));

function mayOf(message: MessageView, { me, channel, editWindowMs }: MessageContext, now: number): MessageProps['may'] {
  const write = channel?.can.post === true;
  const mine = message.author === me.id && message.kind !== 'bot';
  const moderates = me.role === 'owner' || me.role === 'admin';
  const inTime = editWindowMs === null || now - message.at < editWindowMs;
  return { edit: write && mine && inTime, delete: write && (mine || moderates), reply: write, write };
}

export function messageProps(message: MessageView, context: MessageContext, now: number): MessageProps {
  return {
    id: message.id,
    author: message.author,
    name: message.name,
    avatar: message.avatar,
    kind: message.kind === 'note' ? 'post' : message.kind,
    at: message.at,
    text: message.text,
    editedAt: message.editedAt,
    conflict: message.conflict,
    deleted: message.deleted,
    pinned: message.pinned,
    saved: message.saved,
    mentionsMe: message.mentionsMe,
    reactions: reactionsOf(message, context),
    files: message.files,
    thread:
      message.replies > 0
        ? {
            replies: message.replies,
            lastAt: message.lastReplyAt,
            people: message.repliers.map((id) => ({ id, name: context.names.users[id] ?? t('mention.unknownPerson') })),
          }
        : null,
    also: message.also,
    pending: message.pending && {
      state: message.pending.state,
      detail: message.pending.detail ?? '',
      whole: isUnsent(message),
    },
    names: context.names,
    me: context.me.id,
    may: mayOf(message, context, now),
  };
}
