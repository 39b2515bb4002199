import type { ChannelId, ChannelView, WorkspaceId } from '@parley/sync/model';
import { Choice, Dialog, t } from '@parley/ui';
import { spokenName } from '../conversation/channel-name.tsx';
import { Switch } from '../dialogs/switch.tsx';
import { useQuery } from '../engine/use-query.ts';
import { useCommand } from '../state/use-command.ts';

const RULES = ['default', 'all', 'mentions', 'nothing'] as const;
const LABELS = {
  default: 'notify.byDefault',
  all: 'notify.all',
  mentions: 'notify.mentionsOnly',
  nothing: 'notify.nothing',
} as const satisfies Record<ChannelView['notify'], string>;

/** What a person wants to hear of one conversation. */
export function ChannelNotifyDialog({ ws, ch, onClose }: { ws: WorkspaceId; ch: ChannelId; onClose(): void }) {
  const command = useCommand();
  const channel = useQuery('channel', { ws, ch });
  if (!channel) return null;
  return (
    <Dialog title={t('notify.inTitle', { name: spokenName(channel) })} open onClose={onClose} width="wide">
      <Choice
        label={t('notify.about')}
        value={channel.notify}
        onValue={(notify) => void command('channel.prefs', { ws, ch, notify })}
        options={RULES.map((value) => ({ value, label: t(LABELS[value]) }))}
      />
      <Switch
        label={t('channel.mute')}
        hint={t('notify.muteHint')}
        on={channel.muted}
        onChange={(mute) => void command('channel.prefs', { ws, ch, mute })}
      />
    </Dialog>
  );
}
