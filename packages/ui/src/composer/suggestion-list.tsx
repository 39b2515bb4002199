import { type ReactNode, useEffect, useRef } from 'react';
import { classNames } from '../class-names.ts';
import { t } from '../strings.ts';
import css from './composer.module.css';

/** An entry of the autocomplete. */
export interface Suggestion {
  readonly key: string;
  readonly label: string;
  readonly detail?: string;
  readonly icon?: ReactNode;
  /** The words put into the text, and the token they stand for where they stand for one. */
  readonly insert: string;
  readonly token?: string;
}

export interface SuggestionListProps {
  id: string;
  suggestions: readonly Suggestion[];
  chosen: number;
  onPoint(at: number): void;
  onAccept(at: number): void;
}

export const optionId = (list: string, at: number): string => `${list}-${at}`;

export function SuggestionList({ id, suggestions, chosen, onPoint, onAccept }: SuggestionListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(optionId(id, chosen))}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);
  return (
    <div className={css.suggestions} role="listbox" id={id} aria-label={t('composer.suggestions')} ref={list}>
      {suggestions.map((suggestion, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard steers the list from the text field
        // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text field, which names the active option
        <div
          key={suggestion.key}
          id={optionId(id, at)}
          className={classNames(css.suggestion, at === chosen && css.chosen)}
          role="option"
          aria-selected={at === chosen}
          onPointerMove={() => onPoint(at)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onAccept(at)}
        >
          <span className={css.suggestionIcon}>{suggestion.icon}</span>
          <bdi className={css.suggestionLabel}>{suggestion.label}</bdi>
          {suggestion.detail && <bdi className={css.suggestionDetail}>{suggestion.detail}</bdi>}
        </div>
      ))}
    </div>
  );
}
