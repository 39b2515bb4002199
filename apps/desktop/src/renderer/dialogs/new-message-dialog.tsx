import type { PersonView, WorkspaceId } from '@parley/sync/model';
import { MAX_DIRECT_MEMBERS } from '@parley/sync/text';
import { Button, Dialog, t } from '@parley/ui';
import { useState } from 'react';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { PeoplePicker } from './people-picker.tsx';

/** Opens a direct conversation with one person or a few. */
export function NewMessageDialog({ ws, onClose }: { ws: WorkspaceId; onClose(): void }) {
  const command = useCommand();
  const [chosen, setChosen] = useState<readonly PersonView[]>([]);
  const start = async () => {
    if (chosen.length === 0) return;
    const opened = await command('channel.direct', { ws, users: chosen.map((person) => person.id) });
    if (!opened) return;
    onClose();
    view.conversation(ws, opened.ch);
  };
  return (
    <Dialog
      title={t('people.title')}
      open
      onClose={onClose}
      onSubmit={() => void start()}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" type="submit" disabled={chosen.length === 0}>
            {t('people.start')}
          </Button>
        </>
      }
    >
      {/* Oneself is the ninth. */}
      <PeoplePicker ws={ws} chosen={chosen} onChosen={setChosen} most={MAX_DIRECT_MEMBERS - 1} />
    </Dialog>
  );
}
