import type { KeyboardEvent, Ref } from 'react';
import { IconButton } from './button.tsx';
import { CloseIcon, SearchIcon } from './icons.ts';
import css from './search-box.module.css';
import { t } from './strings.ts';

export interface SearchBoxProps {
  value: string;
  placeholder: string;
  onText(text: string): void;
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void;
  ref?: Ref<HTMLInputElement>;
  /** Of the list it steers, for screen readers. */
  controls?: string;
  active?: string | undefined;
  large?: boolean;
}

export function SearchBox({
  value,
  placeholder,
  onText,
  onKeyDown,
  ref,
  controls,
  active,
  large = false,
}: SearchBoxProps) {
  return (
    <div className={large ? css.large : css.box}>
      <SearchIcon className={css.icon} size={large ? 18 : 16} aria-hidden="true" />
      <input
        ref={ref}
        className={css.input}
        type="text"
        dir="auto"
        value={value}
        placeholder={placeholder}
        aria-label={placeholder}
        {...(controls ? { role: 'combobox', 'aria-expanded': true, 'aria-controls': controls } : {})}
        aria-activedescendant={active}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {value && (
        <IconButton size="small" label={t('search.clear')} icon={<CloseIcon size={16} />} onClick={() => onText('')} />
      )}
    </div>
  );
}
