import type { ChannelKind } from '@parley/sync/model';
import { ChannelIcon, PrivateIcon } from '@parley/ui';

export const isDirect = (kind: ChannelKind): boolean => kind === 'dm' || kind === 'group';

/** `#name` for a channel, the people for a direct conversation: in sentences and labels. */
export const spokenName = ({ kind, name }: { readonly kind: ChannelKind; readonly name: string }): string =>
  isDirect(kind) ? name : `#${name}`;

export function ChannelMark({ kind, size = 16 }: { kind: ChannelKind; size?: number }) {
  if (kind === 'public') return <ChannelIcon size={size} aria-hidden="true" />;
  if (kind === 'private') return <PrivateIcon size={size - 1} aria-hidden="true" />;
  return null;
}
