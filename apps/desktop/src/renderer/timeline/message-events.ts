import type { ChannelId, MessageId, MessageView, Names, OpId, WorkspaceId } from '@parley/sync/model';
import { renderMentions } from '@parley/sync/text';
import { type MessageEvent, t } from '@parley/ui';
import { useCallback, useEffect, useRef } from 'react';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';

interface Scope {
  readonly ws: WorkspaceId;
  readonly ch: ChannelId;
  readonly messages: readonly MessageView[];
  readonly names: Names | undefined;
  onUnread?(id: MessageId): void;
}

const readable = (text: string, names: Names | undefined): string =>
  renderMentions(text, {
    user: (id) => names?.users[id] ?? t('mention.unknownPerson'),
    channel: (id) => names?.channels[id] ?? t('mention.unknownChannel'),
  });

/** Carries out what a person does to a message. The function stays the same, so rows are not drawn again for it. */
export function useMessageEvents(scope: Scope): (id: string, event: MessageEvent) => void {
  const command = useCommand();
  const latest = useRef(scope);
  useEffect(() => {
    latest.current = scope;
  });
  return useCallback(
    (id, event) => {
      const { ws, ch, messages, names, onUnread } = latest.current;
      const message = messages.find((each) => each.id === id);
      if (!message) return;
      const msg = message.id;
      const op: OpId | undefined = message.pending?.op;
      switch (event.do) {
        case 'react':
          return void command('message.react', { ws, msg, emoji: event.emoji, on: event.on });
        case 'pin':
          return void command('message.pin', { ws, msg, on: event.on });
        case 'save':
          return void command('message.save', { ws, msg, on: event.on });
        case 'thread':
          return view.pane({ kind: 'thread', ch, root: message.thread ?? msg });
        case 'edit':
          return view.edit(msg);
        case 'delete':
          return view.dialog({ kind: 'deleteMessage', msg: message });
        case 'history':
          return view.dialog({ kind: 'history', msg, text: message.text });
        case 'why':
          return view.dialog({ kind: 'why', msg });
        case 'markUnread':
          onUnread?.(msg);
          return void command('read.unread', { ws, msg });
        case 'copy':
        case 'copyPending':
          return void navigator.clipboard.writeText(readable(message.text, names));
        case 'retry':
          return op && void command('ledger.retry', { ws, op });
        case 'editPending':
          return op && view.dialog({ kind: 'editLedger', entry: { id: op, text: message.text } });
        case 'drop':
          return op && view.dialog({ kind: 'dropLedger', entry: { id: op } });
        case 'channel':
          return view.conversation(ws, event.channel as ChannelId);
      }
    },
    [command],
  );
}
