import type { WorkspaceId } from '@parley/sync/model';
import { channelNameOf, channelNameProblem, MAX_CHANNEL_NAME, MAX_TOPIC } from '@parley/sync/text';
import { Button, Dialog, TextField, t } from '@parley/ui';
import { useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { reasonOf } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { Switch } from './switch.tsx';

export function NewChannelDialog({ ws, onClose }: { ws: WorkspaceId; onClose(): void }) {
  const engine = useEngine();
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [hidden, setHidden] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const create = async () => {
    const made = channelNameOf(name.trim(), MAX_CHANNEL_NAME);
    const wrong = channelNameProblem(made, MAX_CHANNEL_NAME);
    if (wrong !== null) return setProblem(wrong);
    try {
      const { ch } = await engine.call('channel.create', {
        ws,
        name: made,
        private: hidden,
        ...(topic.trim() ? { topic: topic.trim() } : {}),
      });
      onClose();
      view.conversation(ws, ch);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };

  return (
    <Dialog
      title={t('sidebar.newChannel')}
      open
      onClose={onClose}
      onSubmit={() => void create()}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" type="submit" disabled={name.trim() === ''}>
            {t('channel.create')}
          </Button>
        </>
      }
    >
      <TextField
        label={t('channel.name')}
        value={name}
        onText={(text) => {
          // What can't stand in a name is turned into what can while typing, so that the name is seen as it will be.
          setName(text === '' ? '' : channelNameOf(text, MAX_CHANNEL_NAME));
          setProblem(null);
        }}
        placeholder={t('channel.namePlaceholder')}
        problem={problem}
        autoComplete="off"
        autoFocus
      />
      <TextField
        label={t('channel.topic')}
        optional={t('channel.optional')}
        value={topic}
        onText={setTopic}
        maxLength={MAX_TOPIC}
      />
      <Switch label={t('channel.private')} hint={t('channel.privateHint')} on={hidden} onChange={setHidden} />
    </Dialog>
  );
}
