import type { ChannelId, MessageId, WorkspaceId } from '@parley/sync/model';
import { LISTS, type ListName } from './lists.ts';

/** What the address says: which conversation, perhaps which message, a list across conversations, or an invitation to accept. */
export type Route =
  | { readonly at: 'home' }
  | { readonly at: 'workspace'; readonly ws: WorkspaceId }
  | { readonly at: 'list'; readonly ws: WorkspaceId; readonly list: ListName }
  | { readonly at: 'conversation'; readonly ws: WorkspaceId; readonly ch: ChannelId; readonly msg: MessageId | null }
  | { readonly at: 'invitation'; readonly relay: string; readonly invite: string };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads `#/ws/ch/msg`, `#/ws/threads` or `#/invite/RELAY/TOKEN`. Anything else is home: an address is typed by anyone. */
export function readRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').filter(Boolean);
  if (parts[0] === 'invite') {
    const found = parts.length === 3 ? readInvitation(parts[1] ?? '', parts[2] ?? '') : null;
    return found ? { at: 'invitation', ...found } : { at: 'home' };
  }
  const [ws, ch, msg] = parts;
  const list = LISTS.find((name) => name === ch);
  if (ws !== undefined && UUID.test(ws) && list && parts.length === 2)
    return { at: 'list', ws: ws as WorkspaceId, list };
  if (ws === undefined || parts.length > 3 || !parts.every((part) => UUID.test(part))) return { at: 'home' };
  if (ch === undefined) return { at: 'workspace', ws: ws as WorkspaceId };
  return {
    at: 'conversation',
    ws: ws as WorkspaceId,
    ch: ch as ChannelId,
    msg: (msg as MessageId | undefined) ?? null,
  };
}

function readInvitation(relay: string, invite: string): { relay: string; invite: string } | null {
  try {
    const address = new URL(decodeURIComponent(relay));
    if (address.protocol !== 'http:' && address.protocol !== 'https:') return null;
    return { relay: address.origin, invite: decodeURIComponent(invite) };
  } catch {
    return null;
  }
}

export function writeRoute(route: Route): string {
  switch (route.at) {
    case 'home':
      return '#/';
    case 'workspace':
      return `#/${route.ws}`;
    case 'list':
      return `#/${route.ws}/${route.list}`;
    case 'conversation':
      return route.msg ? `#/${route.ws}/${route.ch}/${route.msg}` : `#/${route.ws}/${route.ch}`;
    case 'invitation':
      return `#/invite/${encodeURIComponent(route.relay)}/${encodeURIComponent(route.invite)}`;
  }
}

/** An invitation out of a link someone was sent: `https://relay/…/TOKEN` or one whose hash carries it. Null if it is none. */
export function invitationFromLink(text: string): { readonly relay: string; readonly invite: string } | null {
  try {
    const url = new URL(text.trim());
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
    const inHash = readRoute(url.hash);
    if (inHash.at === 'invitation') return { relay: inHash.relay, invite: inHash.invite };
    const parts = [...url.pathname.split('/'), ...url.hash.replace(/^#/, '').split('/')].filter(Boolean);
    const token = parts.at(-1);
    const marked = parts.at(-2);
    return token !== undefined && (marked === 'invite' || marked === 'i') ? { relay: url.origin, invite: token } : null;
  } catch {
    return null;
  }
}
