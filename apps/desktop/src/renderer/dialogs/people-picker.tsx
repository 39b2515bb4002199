import type { PersonView, UserId, WorkspaceId } from '@parley/sync/model';
import { Avatar, CloseIcon, classNames, SearchBox, t } from '@parley/ui';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useLastingQuery, useQuery } from '../engine/use-query.ts';
import css from './dialogs.module.css';
import { listbox } from './listbox.ts';

const SHOWN = 30;

export interface PeoplePickerProps {
  ws: WorkspaceId;
  chosen: readonly PersonView[];
  onChosen(chosen: readonly PersonView[]): void;
  /** People who can't be chosen, such as those who are in already. */
  except?: ReadonlySet<UserId>;
  most: number;
}

/** Finds people by name and collects them. */
export function PeoplePicker({ ws, chosen, onChosen, except, most }: PeoplePickerProps) {
  const [match, setMatch] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const { value } = useLastingQuery('people', { ws, match: match.trim(), limit: SHOWN });
  const me = useQuery('sidebar', { ws })?.me.id;
  const people = (value ?? []).filter(
    (person) =>
      person.active && person.id !== me && !except?.has(person.id) && !chosen.some((each) => each.id === person.id),
  );
  const full = chosen.length >= most;
  const active = Math.min(at, people.length - 1);

  const choose = (person: PersonView | undefined) => {
    if (!person || full) return;
    onChosen([...chosen, person]);
    setMatch('');
    setAt(0);
    box.current?.focus();
  };
  const drop = (id: UserId) => onChosen(chosen.filter((each) => each.id !== id));
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(active + 1, people.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(active - 1, 0));
    else if (event.key === 'Enter' && match !== '') choose(people[active]);
    else if (event.key === 'Backspace' && match === '') return onChosen(chosen.slice(0, -1));
    else return;
    event.preventDefault();
  };

  return (
    <div className={css.picker}>
      {chosen.length > 0 && (
        <ul className={css.chosen} aria-label={t('people.chosen')}>
          {chosen.map((person) => (
            <li key={person.id} className={css.chip}>
              <Avatar id={person.id} name={person.name} image={person.avatar} size="tiny" />
              <bdi>{person.name}</bdi>
              <button
                type="button"
                aria-label={t('people.remove', { name: person.name })}
                onClick={() => drop(person.id)}
              >
                <CloseIcon size={13} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <SearchBox
        ref={box}
        value={match}
        placeholder={t('people.search')}
        onText={(text) => {
          setMatch(text);
          setAt(0);
        }}
        onKeyDown={keyDown}
        controls={list}
        active={people[active] ? `${list}-${active}` : undefined}
      />
      {full && <p className={css.hint}>{t('people.limit', { count: most })}</p>}
      <div className={css.options} id={list} {...(people.length > 0 ? listbox(t('people.search')) : {})}>
        {people.length === 0 && value && <p className={css.hint}>{t('people.empty')}</p>}
        {people.map((person, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard steers the list from the search field
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the search field, which names the active option
          <div
            key={person.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            className={classNames(css.option, index === active && css.active)}
            onPointerMove={() => setAt(index)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(person)}
          >
            <Avatar id={person.id} name={person.name} image={person.avatar} size="small" />
            <bdi className={css.optionName}>{person.name}</bdi>
            <bdi className={css.optionDetail}>{person.title || person.handle}</bdi>
          </div>
        ))}
      </div>
    </div>
  );
}
