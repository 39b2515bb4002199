import type { ChannelId, ChannelView, WorkspaceId } from '@parley/sync/model';
import { channelNameOf, channelNameProblem, MAX_CHANNEL_NAME, MAX_TOPIC } from '@parley/sync/text';
import { Button, Dialog, TextField, t } from '@parley/ui';
import { useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { useQuery } from '../engine/use-query.ts';
import { reasonOf } from '../state/use-command.ts';

interface ChannelTextProps {
  ws: WorkspaceId;
  ch: ChannelId;
  field: 'rename' | 'topic';
  onClose(): void;
}

/** Changes a channel's name or topic. */
export function ChannelTextDialog({ ws, ch, field, onClose }: ChannelTextProps) {
  const channel = useQuery('channel', { ws, ch });
  return channel ? <Form ws={ws} channel={channel} field={field} onClose={onClose} /> : null;
}

function Form({
  ws,
  channel,
  field,
  onClose,
}: {
  ws: WorkspaceId;
  channel: ChannelView;
  field: 'rename' | 'topic';
  onClose(): void;
}) {
  const engine = useEngine();
  const rename = field === 'rename';
  const [text, setText] = useState(rename ? channel.name : channel.topic);
  const [problem, setProblem] = useState<string | null>(null);
  const ch = channel.id;
  const save = async () => {
    const wrong = rename ? channelNameProblem(text, MAX_CHANNEL_NAME) : null;
    if (wrong !== null) return setProblem(wrong);
    try {
      if (rename) await engine.call('channel.rename', { ws, ch, name: text });
      else await engine.call('channel.topic', { ws, ch, topic: text.trim() });
      onClose();
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };
  return (
    <Dialog
      title={t(rename ? 'channel.rename' : 'channel.setTopic')}
      open
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button look="primary" type="submit">
            {t('common.save')}
          </Button>
        </>
      }
    >
      <TextField
        label={t(rename ? 'channel.name' : 'channel.topic')}
        value={text}
        onText={(next) => {
          setText(rename && next !== '' ? channelNameOf(next, MAX_CHANNEL_NAME) : next);
          setProblem(null);
        }}
        maxLength={rename ? MAX_CHANNEL_NAME : MAX_TOPIC}
        problem={problem}
        autoFocus
      />
    </Dialog>
  );
}
