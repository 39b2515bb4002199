import type { ChannelId, SidebarView } from '@parley/sync/model';
import { t } from '@parley/ui';
import { spokenName } from '../conversation/channel-name.tsx';

const CONVERSATION = /^([cm]):(.+)$/;

/** What a person calls the place a stream holds; '' is the replica itself. */
export function placeOf(stream: string, conversations: SidebarView['conversations']): string {
  const [, kind, id] = CONVERSATION.exec(stream) ?? [];
  if (id !== undefined) {
    const conversation = conversations.find((each) => each.id === (id as ChannelId));
    // A channel one is not in has no name here; its id is what IT can look for.
    const name = conversation ? spokenName(conversation) : `${t('verify.conversation')} (${id})`;
    return kind === 'm' ? t('verify.members', { name }) : name;
  }
  if (stream.startsWith('u:')) return t('verify.yours');
  switch (stream) {
    case 'w':
      return t('verify.workspace');
    case 'd':
      return t('verify.people');
    case 'dir':
      return t('verify.directory');
    case 'adm':
      return t('verify.audit');
    default:
      return stream || t('verify.replica');
  }
}
