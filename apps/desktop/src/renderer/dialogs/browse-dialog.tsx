import type { DirectoryEntryView, WorkspaceId } from '@parley/sync/model';
import { Button, ChannelIcon, CheckIcon, Dialog, SearchBox, t } from '@parley/ui';
import { useEffect, useRef, useState } from 'react';
import { useLastingQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import css from './dialogs.module.css';

/** Finding one by name is what the field is for; more rows than this nobody reads. */
const MOST_SHOWN = 200;

/** Public channels: what they are about, how many are in, and a way in or a look first. */
export function BrowseDialog({ ws, onClose }: { ws: WorkspaceId; onClose(): void }) {
  const [match, setMatch] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const { value } = useLastingQuery('directory', { ws, match: match.trim() });
  return (
    <Dialog title={t('browse.title')} width="wide" open onClose={onClose} initialFocus={box}>
      <SearchBox ref={box} value={match} placeholder={t('browse.search')} onText={setMatch} />
      <ul className={css.directory}>
        {value?.length === 0 && <li className={css.hint}>{t('browse.empty')}</li>}
        {value?.slice(0, MOST_SHOWN).map((entry) => (
          <Entry key={entry.key} ws={ws} entry={entry} onClose={onClose} />
        ))}
      </ul>
    </Dialog>
  );
}

function Entry({ ws, entry, onClose }: { ws: WorkspaceId; entry: DirectoryEntryView; onClose(): void }) {
  const command = useCommand();
  const open = () => {
    onClose();
    view.conversation(ws, entry.id);
  };
  const join = async () => {
    if (await command('channel.join', { ws, ch: entry.id })) open();
  };
  return (
    <li className={css.entry}>
      <button type="button" className={css.entryText} onClick={open} title={t('browse.preview')}>
        <span className={css.entryName}>
          <ChannelIcon size={16} aria-hidden="true" />
          <bdi>{entry.name}</bdi>
        </span>
        <span className={css.entryDetail}>
          {entry.joined && (
            <span className={css.joined}>
              <CheckIcon size={13} aria-hidden="true" /> {t('browse.joined')} ·
            </span>
          )}
          {t('channel.members', { count: entry.memberCount })} ·{' '}
          <bdi>{entry.topic || entry.purpose || t('browse.noTopic')}</bdi>
        </span>
      </button>
      {entry.joined || entry.archived ? (
        <Button size="small" onClick={open}>
          {t('browse.open')}
        </Button>
      ) : (
        <Button size="small" look="primary" onClick={() => void join()}>
          {t('browse.join')}
        </Button>
      )}
    </li>
  );
}
