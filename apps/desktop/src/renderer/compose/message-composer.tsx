import type { ChannelView, MessageId, Names, WorkspaceId } from '@parley/sync/model';
import { MAX_TEXT, parseMentions } from '@parley/sync/text';
import { Composer, type ComposerHandle, ConfirmDialog, t } from '@parley/ui';
import { type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { useQuery } from '../engine/use-query.ts';
import { usePreferences } from '../preferences/use-preferences.ts';
import { reasonOf } from '../state/use-command.ts';
import { useDraft } from './use-draft.ts';
import { useSuggestions } from './use-suggestions.tsx';
import { useTokenNames } from './use-token-names.ts';

/** Others are told at most this often that someone is typing. */
const TYPING_EVERY_MS = 3_000;

export interface MessageComposerProps {
  ws: WorkspaceId;
  channel: ChannelView;
  /** The thread it replies in. */
  root: MessageId | null;
  names: Names | undefined;
  label: string;
  placeholder?: string;
  also?: boolean;
  extra?: ReactNode;
  autoFocus?: boolean;
  onSent?(): void;
  onEditLast?(): void;
  onEscape?(): void;
  ref?: Ref<ComposerHandle>;
}

/** Writes into a conversation or a thread: draft, mentions, sending, and what was refused given back. */
export function MessageComposer(props: MessageComposerProps) {
  const { ws, channel, root, names, label, placeholder, also = false, extra, autoFocus = false } = props;
  const { onSent, onEditLast, onEscape, ref } = props;
  const ch = channel.id;
  const engine = useEngine();
  const draft = useQuery('draft', { ws, ch, root })?.text;
  const { enter } = usePreferences(ws);
  const tokenNames = useTokenNames(ws, draft);
  const { save, flush } = useDraft(ws, ch, root);
  const { suggestions, look } = useSuggestions(ws, ch, names);
  const [problem, setProblem] = useState<string | null>(null);
  const [asking, setAsking] = useState<string | null>(null);
  const composer = useRef<ComposerHandle>(null);
  const typedAt = useRef(0);
  const wasReady = useRef(false);
  const ready = tokenNames !== null;

  useImperativeHandle(ref, () => ({
    focus: () => composer.current?.focus(),
    clear: () => composer.current?.clear(),
    giveBack: (text) => composer.current?.giveBack(text),
  }));
  useEffect(() => {
    if (ready) wasReady.current = true;
  }, [ready]);

  const send = useCallback(
    async (text: string) => {
      setProblem(null);
      save('');
      typedAt.current = 0;
      onSent?.();
      try {
        await engine.call('message.send', {
          ws,
          ch,
          text,
          ...(root ? { thread: root } : {}),
          ...(also ? { also: true } : {}),
        });
      } catch (error) {
        composer.current?.giveBack(text);
        setProblem(reasonOf(error));
      }
    },
    [engine, ws, ch, root, also, save, onSent],
  );

  const begin = (text: string): boolean => {
    if (parseMentions(text).all !== null) {
      if (channel.can.mentionAll === true) setAsking(text);
      else setProblem(channel.can.mentionAll);
      return false;
    }
    void send(text);
    return true;
  };

  const typed = (text: string) => {
    setProblem(null);
    save(text);
    if (text === '' || Date.now() - typedAt.current < TYPING_EVERY_MS) return;
    typedAt.current = Date.now();
    engine.call('typing', { ws, ch, root }).catch(() => {});
  };

  // Once it stands it stays, whatever another device writes into the draft meanwhile.
  if (!ready && !wasReady.current) return null;
  return (
    <>
      <Composer
        ref={composer}
        label={label}
        {...(placeholder === undefined ? {} : { placeholder })}
        text={draft ?? ''}
        names={tokenNames ?? { users: {}, channels: {} }}
        suggestions={suggestions}
        onLookup={look}
        onText={typed}
        onSend={begin}
        onBlur={flush}
        {...(onEditLast ? { onEditLast } : {})}
        {...(onEscape ? { onEscape } : {})}
        maxLength={MAX_TEXT}
        extra={extra}
        problem={problem}
        autoFocus={autoFocus}
        enterSends={enter === 'send'}
      />
      <ConfirmDialog
        title={t('composer.reachTitle', { count: Math.max(0, channel.memberCount - 1) })}
        body={t('composer.reachBody', { name: label })}
        confirm={t('composer.reachConfirm')}
        open={asking !== null}
        onConfirm={() => {
          if (asking === null) return;
          composer.current?.clear();
          void send(asking);
        }}
        onClose={() => setAsking(null)}
      />
    </>
  );
}
