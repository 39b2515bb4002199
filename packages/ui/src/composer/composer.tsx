import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { IconButton } from '../button.tsx';
import { classNames } from '../class-names.ts';
import { BoldIcon, CodeBlockIcon, CodeIcon, ItalicIcon, MentionIcon, SendIcon, StrikeIcon } from '../icons.ts';
import { t } from '../strings.ts';
import { acceptSuggestion, type Lookup, lookupAt } from './autocomplete.ts';
import { isInFence } from './code-ranges.ts';
import css from './composer.module.css';
import { composerAct } from './key-rules.ts';
import { type Shown, showAs, type TokenNames, toShown, toStored } from './mention-text.ts';
import { optionId, type Suggestion, SuggestionList } from './suggestion-list.tsx';
import { typeOver, wrapSelection } from './text-field-edit.ts';

export interface ComposerHandle {
  focus(): void;
  clear(): void;
  /** Gives a stored text back, as when its send was refused; what was written since stands below it. */
  giveBack(stored: string): void;
}

export interface ComposerProps {
  label: string;
  placeholder?: string;
  /** The stored text to begin with. A later change is taken over only while the person is elsewhere. */
  text: string;
  names: TokenNames;
  /** What the last `onLookup` found. */
  suggestions: readonly Suggestion[];
  onLookup(lookup: Lookup | null): void;
  /** After every change, with the stored text. */
  onText(stored: string): void;
  /** Takes the text over, which empties the field; answers false to leave it there, as when something must be asked first. */
  onSend(stored: string): boolean;
  onBlur?(): void;
  onEditLast?(): void;
  /** Escape while nothing else is open. */
  onEscape?(): void;
  maxLength: number;
  /** Why nothing may be sent here, in words; the field is then not editable. */
  reason?: string | null;
  /** Below the text, such as "also send to the channel". */
  extra?: ReactNode;
  /** What the last send was refused for. */
  problem?: string | null;
  /** An edit in place: its own buttons instead of the arrow. */
  editing?: { onCancel(): void };
  autoFocus?: boolean;
  /** Whether Enter alone sends. */
  enterSends?: boolean;
  ref?: Ref<ComposerHandle>;
}

const MARKS = { bold: '**', italic: '_', strike: '~~', code: '`' } as const;
const isMac = typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);
const NOTHING: Shown = new Map();

export function Composer(props: ComposerProps) {
  const { label, placeholder = label, text: given, names, suggestions, onLookup, onText, onSend } = props;
  const {
    onBlur,
    onEditLast,
    onEscape,
    maxLength,
    reason = null,
    extra,
    problem,
    editing,
    autoFocus = false,
    enterSends = true,
    ref,
  } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const [start] = useState(() => toShown(given, names));
  const [text, setText] = useState(start.text);
  const shown = useRef<Shown>(start.shown);
  const taken = useRef(given);
  // Names of what was accepted here, which a text that comes back may mention.
  const accepted = useRef<{ users: Record<string, string>; channels: Record<string, string> }>({
    users: {},
    channels: {},
  });
  const [lookup, setLookup] = useState<Lookup | null>(null);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [chosen, setChosen] = useState(0);
  const [inFence, setInFence] = useState(false);

  const open = lookup !== null && lookup.from !== dismissed && suggestions.length > 0;
  const at = Math.min(chosen, Math.max(0, suggestions.length - 1));
  const tooLong = Math.max(0, text.length - maxLength);
  const maySend = reason === null && text.trim() !== '' && tooLong === 0;

  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    clear,
    giveBack: (stored) => {
      const since = toStored(text, shown.current);
      const both = since.trim() === '' ? stored : `${stored}\n${since}`;
      const { users, channels } = accepted.current;
      const next = toShown(both, { users: { ...names.users, ...users }, channels: { ...names.channels, ...channels } });
      shown.current = next.shown;
      taken.current = both;
      setText(next.text);
      onText(both);
    },
  }));

  // A draft from another device is taken over while nobody is typing here; a focused composer is never overwritten.
  useEffect(() => {
    if (given === taken.current || document.activeElement === field.current) return;
    const next = toShown(given, names);
    shown.current = next.shown;
    taken.current = given;
    setText(next.text);
  }, [given, names]);

  useEffect(() => {
    if (!autoFocus || !field.current) return;
    field.current.focus();
    field.current.setSelectionRange(field.current.value.length, field.current.value.length);
  }, [autoFocus]);

  const track = () => {
    const caret = field.current?.selectionStart ?? 0;
    const value = field.current?.value ?? '';
    const next = field.current?.selectionEnd === caret ? lookupAt(value, caret) : null;
    setInFence(isInFence(value, caret));
    if (next?.from !== lookup?.from || next?.match !== lookup?.match || next?.trigger !== lookup?.trigger) {
      setLookup(next);
      setChosen(0);
      onLookup(next);
    }
    if (next === null || next.from !== dismissed) setDismissed(null);
  };

  const change = (value: string) => {
    setText(value);
    const stored = toStored(value, shown.current);
    taken.current = stored;
    onText(stored);
    track();
  };

  const accept = (index: number) => {
    const suggestion = suggestions[index];
    const area = field.current;
    if (!suggestion || !lookup || !area) return;
    let insert = suggestion.insert;
    if (suggestion.token !== undefined) {
      insert = showAs(shown.current, suggestion.insert, suggestion.token);
      shown.current = new Map(shown.current).set(insert, suggestion.token);
      const kind = suggestion.token.startsWith('<@') ? 'users' : 'channels';
      accepted.current[kind][suggestion.token.slice(2, -1)] = suggestion.insert.slice(1);
    }
    const { inserted } = acceptSuggestion(area.value, area.selectionStart, lookup, insert);
    typeOver(area, lookup.from, area.selectionStart, inserted);
    // What was chosen could be looked up again, for names have spaces; Enter sends now.
    setDismissed(lookup.from);
  };

  const clear = () => {
    setText('');
    shown.current = NOTHING;
    taken.current = '';
    setLookup(null);
    onLookup(null);
    setInFence(false);
  };

  const send = () => {
    if (!maySend) return;
    const stored = toStored(text, shown.current).trim();
    if (onSend(stored)) clear();
    field.current?.focus();
  };

  const keyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const area = event.currentTarget;
    const press = {
      key: event.key,
      shift: event.shiftKey,
      ctrl: isMac ? event.metaKey : event.ctrlKey,
      alt: event.altKey,
      composing: event.nativeEvent.isComposing,
    };
    const act = composerAct(press, { text: area.value, caret: area.selectionStart, suggesting: open, enterSends });
    if (act === 'editLast' && !onEditLast) return;
    if (act === null) {
      if (event.key === 'Escape' && onEscape && !press.composing) {
        event.stopPropagation();
        onEscape();
      }
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (act) {
      case 'send':
        return send();
      case 'accept':
        return accept(at);
      case 'next':
        return setChosen((at + 1) % suggestions.length);
      case 'previous':
        return setChosen((at + suggestions.length - 1) % suggestions.length);
      case 'dismiss':
        return setDismissed(lookup?.from ?? null);
      case 'editLast':
        return onEditLast?.();
      default:
        return wrapSelection(area, MARKS[act]);
    }
  };

  const wrap = (mark: string) => () => field.current && wrapSelection(field.current, mark);
  const type = (words: string) => () => {
    const area = field.current;
    if (area) typeOver(area, area.selectionStart, area.selectionEnd, words);
  };
  const keepFocus = { onPointerDown: (event: { preventDefault(): void }) => event.preventDefault() };

  if (reason !== null) return <div className={css.closed}>{reason}</div>;
  return (
    <div className={css.outer}>
      {open && <SuggestionList id={list} suggestions={suggestions} chosen={at} onPoint={setChosen} onAccept={accept} />}
      <div className={classNames(css.composer, editing && css.editing)}>
        <textarea
          ref={field}
          className={css.field}
          dir="auto"
          rows={1}
          value={text}
          placeholder={placeholder}
          aria-label={label}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls={open ? list : undefined}
          aria-activedescendant={open ? optionId(list, at) : undefined}
          spellCheck
          onChange={(event) => change(event.target.value)}
          onSelect={track}
          onKeyDown={keyDown}
          onBlur={() => {
            setLookup(null);
            onLookup(null);
            onBlur?.();
          }}
        />
        <div className={css.bar}>
          <div className={css.tools} {...keepFocus}>
            <IconButton
              size="small"
              label={t('composer.bold')}
              icon={<BoldIcon size={15} />}
              onClick={wrap(MARKS.bold)}
            />
            <IconButton
              size="small"
              label={t('composer.italic')}
              icon={<ItalicIcon size={15} />}
              onClick={wrap(MARKS.italic)}
            />
            <IconButton
              size="small"
              label={t('composer.strike')}
              icon={<StrikeIcon size={15} />}
              onClick={wrap(MARKS.strike)}
            />
            <IconButton
              size="small"
              label={t('composer.code')}
              icon={<CodeIcon size={15} />}
              onClick={wrap(MARKS.code)}
            />
            <IconButton
              size="small"
              label={t('composer.codeBlock')}
              icon={<CodeBlockIcon size={15} />}
              onClick={wrap('\n```\n')}
            />
            <IconButton
              size="small"
              label={t('composer.mention')}
              icon={<MentionIcon size={15} />}
              onClick={type('@')}
            />
          </div>
          {tooLong > 0 ? (
            <span className={css.tooLong} role="status">
              {t('composer.tooLong', { count: tooLong })}
            </span>
          ) : (
            text.includes('\n') === false &&
            text.length > 0 && (
              <span className={css.hint}>
                {t(enterSends ? 'composer.hint' : isMac ? 'composer.hintSlowMac' : 'composer.hintSlow')}
              </span>
            )
          )}
          {inFence && tooLong === 0 && <span className={css.hint}>{t('composer.fenceHint')}</span>}
          {editing ? (
            <div className={css.editButtons}>
              <button type="button" className={css.textButton} onClick={editing.onCancel}>
                {t('common.cancel')}
              </button>
              <button type="button" className={css.saveButton} disabled={!maySend} onClick={send}>
                {t('common.save')}
              </button>
            </div>
          ) : (
            <button
              type="button"
              className={css.send}
              disabled={!maySend}
              aria-label={t('composer.send')}
              title={t('composer.send')}
              onClick={send}
            >
              <SendIcon size={16} />
            </button>
          )}
        </div>
        {extra && <div className={css.extra}>{extra}</div>}
      </div>
      {problem && (
        <p className={css.problem} role="alert">
          {t('composer.notSent', { reason: problem })}
        </p>
      )}
    </div>
  );
}
