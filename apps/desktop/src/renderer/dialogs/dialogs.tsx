import type { SidebarView, WorkspaceId } from '@parley/sync/model';
import { ChannelNotifyDialog } from '../notifications/channel-notify-dialog.tsx';
import { WhyDialog } from '../notifications/why-dialog.tsx';
import { PreferencesDialog } from '../preferences/preferences-dialog.tsx';
import { useView, view } from '../state/view-store.ts';
import { AddPeopleDialog } from './add-people-dialog.tsx';
import { BrowseDialog } from './browse-dialog.tsx';
import { ChannelTextDialog } from './channel-text-dialog.tsx';
import { ArchiveDialog, DeleteMessageDialog, DropDialog, LeaveDialog, SignOutDialog } from './confirm-dialogs.tsx';
import { EditPendingDialog } from './edit-pending-dialog.tsx';
import { HistoryDialog } from './history-dialog.tsx';
import { InvitationDialog } from './invitation-dialog.tsx';
import { NewChannelDialog } from './new-channel-dialog.tsx';
import { NewMessageDialog } from './new-message-dialog.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { Switcher } from './switcher.tsx';

const close = () => view.dialog(null);

/** The dialog that is open, if any. */
export function Dialogs({ ws, sidebar }: { ws: WorkspaceId; sidebar: SidebarView }) {
  const dialog = useView((state) => state.dialog);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'switcher':
      return <Switcher ws={ws} sidebar={sidebar} onClose={close} />;
    case 'newChannel':
      return <NewChannelDialog ws={ws} onClose={close} />;
    case 'browse':
      return <BrowseDialog ws={ws} onClose={close} />;
    case 'newMessage':
      return <NewMessageDialog ws={ws} onClose={close} />;
    case 'invitation':
      return <InvitationDialog ws={ws} onClose={close} />;
    case 'signOut':
      return <SignOutDialog ws={ws} onClose={close} />;
    case 'preferences':
      return <PreferencesDialog ws={ws} onClose={close} />;
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />;
    case 'rename':
    case 'topic':
      return <ChannelTextDialog ws={ws} ch={dialog.ch} field={dialog.kind} onClose={close} />;
    case 'addPeople':
      return <AddPeopleDialog ws={ws} ch={dialog.ch} onClose={close} />;
    case 'leave':
      return <LeaveDialog ws={ws} ch={dialog.ch} onClose={close} />;
    case 'archive':
      return <ArchiveDialog ws={ws} ch={dialog.ch} onClose={close} />;
    case 'deleteMessage':
      return <DeleteMessageDialog ws={ws} dialog={dialog} onClose={close} />;
    case 'channelNotify':
      return <ChannelNotifyDialog ws={ws} ch={dialog.ch} onClose={close} />;
    case 'why':
      return <WhyDialog ws={ws} dialog={dialog} onClose={close} />;
    case 'history':
      return <HistoryDialog ws={ws} dialog={dialog} onClose={close} />;
    case 'editLedger':
      return <EditPendingDialog ws={ws} dialog={dialog} onClose={close} />;
    case 'dropLedger':
      return <DropDialog ws={ws} dialog={dialog} onClose={close} />;
  }
}
