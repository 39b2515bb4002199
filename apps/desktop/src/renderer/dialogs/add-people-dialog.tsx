import type { ChannelId, PersonView, WorkspaceId } from '@parley/sync/model';
import { MAX_INVITE } from '@parley/sync/text';
import { Button, Dialog, t } from '@parley/ui';
import { useMemo, useState } from 'react';
import { spokenName } from '../conversation/channel-name.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';
import { PeoplePicker } from './people-picker.tsx';

/** Members beyond this many are not fetched to be left out of the list; adding one twice changes nothing. */
const MEMBERS_LOOKED_AT = 1_000;

export function AddPeopleDialog({ ws, ch, onClose }: { ws: WorkspaceId; ch: ChannelId; onClose(): void }) {
  const command = useCommand();
  const channel = useQuery('channel', { ws, ch });
  const members = useQuery('members', { ws, ch, limit: MEMBERS_LOOKED_AT });
  const [chosen, setChosen] = useState<readonly PersonView[]>([]);
  const except = useMemo(() => new Set(members?.map((member) => member.id)), [members]);
  if (!channel) return null;
  const add = async () => {
    if (chosen.length === 0) return;
    if (await command('channel.invite', { ws, ch, users: chosen.map((person) => person.id) })) onClose();
  };
  return (
    <Dialog
      title={t('people.inviteTitle', { name: spokenName(channel) })}
      open
      onClose={onClose}
      onSubmit={() => void add()}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" type="submit" disabled={chosen.length === 0}>
            {chosen.length === 0 ? t('people.inviteNobody') : t('people.inviteSubmit', { count: chosen.length })}
          </Button>
        </>
      }
    >
      <PeoplePicker ws={ws} chosen={chosen} onChosen={setChosen} except={except} most={MAX_INVITE} />
    </Dialog>
  );
}
