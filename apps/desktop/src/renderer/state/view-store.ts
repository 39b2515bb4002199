import type { ChannelId, LedgerEntryView, MessageId, MessageView, WorkspaceId } from '@parley/sync/model';
import { create } from 'zustand';
import { visited } from './frecency.ts';
import type { ListName } from './lists.ts';
import type { Route } from './route.ts';

/** What stands to the right of the conversation. */
export type Pane =
  | { readonly kind: 'thread'; readonly ch: ChannelId; readonly root: MessageId }
  | { readonly kind: 'search' }
  | { readonly kind: 'ledger' };

export type OpenDialog =
  | {
      readonly kind:
        | 'switcher'
        | 'newChannel'
        | 'browse'
        | 'newMessage'
        | 'invitation'
        | 'signOut'
        | 'preferences'
        | 'shortcuts';
    }
  | { readonly kind: 'rename' | 'topic' | 'addPeople' | 'leave' | 'archive' | 'channelNotify'; readonly ch: ChannelId }
  | { readonly kind: 'deleteMessage'; readonly msg: MessageView }
  | { readonly kind: 'why'; readonly msg: MessageId }
  | { readonly kind: 'history'; readonly msg: MessageId; readonly text: string }
  | { readonly kind: 'editLedger'; readonly entry: Pick<LedgerEntryView, 'id' | 'text'> }
  | { readonly kind: 'dropLedger'; readonly entry: Pick<LedgerEntryView, 'id'> };

/** A message to go to; `times` tells one jump from the next to the same message. */
export interface Jump {
  readonly ch: ChannelId;
  readonly msg: MessageId;
  readonly times: number;
}

/** What is said once, and perhaps what can be done about it. */
export interface Notice {
  readonly text: string;
  readonly action: { readonly label: string; run(): void } | null;
}

/** What one window shows. Nothing in here is data: that is asked of the engine, always. */
interface ViewState {
  readonly ws: WorkspaceId | null;
  readonly open: Readonly<Record<WorkspaceId, ChannelId>>;
  /** Shown instead of the open conversation. */
  readonly list: ListName | null;
  readonly jump: Jump | null;
  readonly pane: Pane | null;
  readonly dialog: OpenDialog | null;
  readonly editing: MessageId | null;
  readonly notice: Notice | null;
  readonly invitation: { readonly relay: string; readonly invite: string } | null;
  /** The sign-in is open although there are workspaces: to add one. */
  readonly adding: boolean;
  /** On a narrow window the sidebar is a drawer. */
  readonly drawer: boolean;
  readonly collapsed: readonly string[];
}

export const useView = create<ViewState>()(() => ({
  ws: null,
  open: {},
  list: null,
  jump: null,
  pane: null,
  dialog: null,
  editing: null,
  notice: null,
  invitation: null,
  adding: false,
  drawer: false,
  collapsed: [],
}));

const set = useView.setState;

export const view = {
  workspace: (ws: WorkspaceId) =>
    set((state) =>
      state.ws === ws ? { adding: false } : { ws, list: null, pane: null, editing: null, jump: null, adding: false },
    ),
  conversation: (ws: WorkspaceId, ch: ChannelId) => {
    visited(ws, ch);
    set((state) => ({
      ws,
      open: { ...state.open, [ws]: ch },
      list: null,
      editing: null,
      jump: null,
      adding: false,
      drawer: false,
      // A thread belongs to its conversation; search and the outbox stay while one walks through their findings.
      pane: state.pane?.kind === 'thread' && state.pane.ch !== ch ? null : state.pane,
    }));
  },
  list: (ws: WorkspaceId, list: ListName) =>
    set(({ pane }) => ({
      ws,
      list,
      jump: null,
      editing: null,
      adding: false,
      drawer: false,
      pane: pane?.kind === 'thread' ? null : pane,
    })),
  jump: (ws: WorkspaceId, ch: ChannelId, msg: MessageId) => {
    view.conversation(ws, ch);
    set((state) => ({ jump: { ch, msg, times: (state.jump?.times ?? 0) + 1 + Math.floor(performance.now()) } }));
  },
  pane: (pane: Pane | null) => set({ pane }),
  dialog: (dialog: OpenDialog | null) => set({ dialog }),
  edit: (editing: MessageId | null) => set({ editing }),
  notice: (text: string | null, action: Notice['action'] = null) =>
    set({ notice: text === null ? null : { text, action } }),
  adding: (adding: boolean) => set({ adding, invitation: null }),
  drawer: (drawer: boolean) => set({ drawer }),
  section: (name: string) =>
    set(({ collapsed }) => ({
      collapsed: collapsed.includes(name) ? collapsed.filter((each) => each !== name) : [...collapsed, name],
    })),
  /** Goes where an address says. */
  route: (route: Route) => {
    switch (route.at) {
      case 'home':
        return;
      case 'workspace':
        return view.workspace(route.ws);
      case 'list':
        return view.list(route.ws, route.list);
      case 'conversation':
        return route.msg ? view.jump(route.ws, route.ch, route.msg) : view.conversation(route.ws, route.ch);
      case 'invitation':
        return set({ invitation: { relay: route.relay, invite: route.invite } });
    }
  },
  invitationDone: () => set({ invitation: null, adding: false }),
};

/** Where this window stands, as an address. */
export function currentRoute({ ws, open, list, jump, invitation }: ViewState): Route {
  if (invitation) return { at: 'invitation', ...invitation };
  if (!ws) return { at: 'home' };
  if (list) return { at: 'list', ws, list };
  const ch = open[ws];
  return ch ? { at: 'conversation', ws, ch, msg: jump?.ch === ch ? jump.msg : null } : { at: 'workspace', ws };
}
