import type { SidebarView, WorkspaceId } from '@parley/sync/model';
import { Avatar, Badge, CommandIcon, classNames, Dialog, SearchBox, t } from '@parley/ui';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { ChannelMark, isDirect } from '../conversation/channel-name.tsx';
import { useLastingQuery } from '../engine/use-query.ts';
import { frecencyOf } from '../state/frecency.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import css from './dialogs.module.css';
import { listbox } from './listbox.ts';
import { misspelling, rank, type Target } from './rank.ts';
import { useSwitcherCommands } from './switcher-commands.ts';

const MOST = 12;

/** Ctrl+K: goes to a conversation or a person, or has something done, by a few letters. */
export function Switcher({ ws, sidebar, onClose }: { ws: WorkspaceId; sidebar: SidebarView; onClose(): void }) {
  const command = useCommand();
  const [match, setMatch] = useState('');
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useId();
  const { value: people } = useLastingQuery('people', match.trim() ? { ws, match: match.trim(), limit: MOST } : null);
  const commands = useSwitcherCommands(ws, sidebar);
  const frecency = useMemo(() => frecencyOf(ws), [ws]);
  const misspelt = useMemo(
    () => misspelling({ conversations: sidebar.conversations, commands }),
    [sidebar.conversations, commands],
  );
  const targets = useMemo(
    () =>
      rank(
        match.trim(),
        { conversations: sidebar.conversations, people: match.trim() ? (people ?? []) : [], commands, frecency },
        misspelt,
        MOST,
      ),
    [match, sidebar.conversations, people, commands, frecency, misspelt],
  );
  const active = Math.min(at, targets.length - 1);

  const go = async (target: Target | undefined) => {
    if (!target) return;
    if (target.kind === 'command') {
      onClose();
      return target.command.run();
    }
    if (target.kind === 'conversation') {
      onClose();
      return view.conversation(ws, target.key);
    }
    const opened = await command('channel.direct', { ws, users: [target.key] });
    if (!opened) return;
    onClose();
    view.conversation(ws, opened.ch);
  };
  const keyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setAt((active + step + targets.length) % Math.max(1, targets.length));
    else if (event.key === 'Enter') void go(targets[active]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t('switcher.title')} open onClose={onClose} bare width="wide" initialFocus={box}>
      <SearchBox
        ref={box}
        large
        value={match}
        placeholder={t('switcher.placeholder')}
        onText={(text) => {
          setMatch(text);
          setAt(0);
        }}
        onKeyDown={keyDown}
        controls={list}
        active={targets[active] ? `${list}-${active}` : undefined}
      />
      <div className={css.targets} id={list} {...(targets.length > 0 ? listbox(t('switcher.title')) : {})}>
        {targets.length === 0 && <p className={css.nothing}>{t('switcher.empty')}</p>}
        {targets.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard steers the list from the search field
          // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the search field, which names the active option
          <div
            key={target.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            className={classNames(css.target, index === active && css.active)}
            onPointerMove={() => setAt(index)}
            onClick={() => void go(target)}
          >
            <TargetText target={target} />
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function TargetText({ target }: { target: Target }) {
  if (target.kind === 'command')
    return (
      <>
        <span className={css.targetMark}>
          <CommandIcon size={15} />
        </span>
        <span className={css.optionName}>{target.command.label}</span>
      </>
    );
  if (target.kind === 'person')
    return (
      <>
        <Avatar id={target.person.id} name={target.person.name} image={target.person.avatar} size="small" />
        <bdi className={css.optionName}>{target.person.name}</bdi>
        <bdi className={css.optionDetail}>{target.person.title || target.person.handle}</bdi>
      </>
    );
  const { row } = target;
  return (
    <>
      <span className={css.targetMark}>
        {isDirect(row.kind) ? (
          <Avatar id={row.with[0] ?? row.id} name={row.name} size="small" />
        ) : (
          <ChannelMark kind={row.kind} />
        )}
      </span>
      <bdi className={classNames(css.optionName, row.unread > 0 && css.targetUnread)}>{row.name}</bdi>
      <Badge count={row.mentions} />
    </>
  );
}
