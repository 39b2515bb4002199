import type { MessageView, WorkspaceId } from '@parley/sync/model';
import { MAX_TEXT } from '@parley/sync/text';
import { Composer, type MessageEvent, MessageRow, NoteLine } from '@parley/ui';
import { useMemo } from 'react';
import { useSuggestions } from '../compose/use-suggestions.tsx';
import { usePreferences } from '../preferences/use-preferences.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { type MessageContext, messageProps } from './message-props.ts';
import { NoteText } from './note-text.tsx';

export interface DrawnMessageProps {
  ws: WorkspaceId;
  message: MessageView;
  context: MessageContext;
  grouped: boolean;
  found?: boolean;
  editing: boolean;
  place: 'timeline' | 'thread' | 'list';
  now: number;
  onEvent(id: string, event: MessageEvent): void;
}

/** A message of the engine's as the design system draws it. */
export function DrawnMessage({
  ws,
  message,
  context,
  grouped,
  found = false,
  editing,
  place,
  now,
  onEvent,
}: DrawnMessageProps) {
  const props = useMemo(() => messageProps(message, context, now), [message, context, now]);
  if (message.kind === 'note')
    return (
      <NoteLine id={message.id} at={message.at}>
        <NoteText message={message} />
      </NoteLine>
    );
  return (
    <MessageRow
      message={props}
      grouped={grouped}
      found={found}
      place={place}
      now={now}
      onEvent={onEvent}
      {...(editing ? { editor: <EditInPlace ws={ws} message={message} context={context} /> } : {})}
    />
  );
}

function EditInPlace({ ws, message, context }: { ws: WorkspaceId; message: MessageView; context: MessageContext }) {
  const command = useCommand();
  const { enter } = usePreferences(ws);
  const { suggestions, look } = useSuggestions(ws, message.ch, context.names);
  const save = async (text: string) => {
    if (text !== message.text && (await command('message.edit', { ws, msg: message.id, text })) === null) return;
    view.edit(null);
  };
  return (
    <Composer
      label={context.me.name}
      placeholder=""
      text={message.text}
      names={context.names}
      suggestions={suggestions}
      onLookup={look}
      onText={() => {}}
      onSend={(text) => {
        void save(text);
        return false;
      }}
      onEscape={() => view.edit(null)}
      editing={{ onCancel: () => view.edit(null) }}
      maxLength={MAX_TEXT}
      autoFocus
      enterSends={enter === 'send'}
    />
  );
}
