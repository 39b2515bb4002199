import { CSPProvider } from '@base-ui/react/csp-provider';
import { useConnectionStatus } from '../engine/engine-context.ts';
import { useQuery } from '../engine/use-query.ts';
import { Notifications } from '../notifications/notifications.tsx';
import { SignIn } from '../sign-in/sign-in.tsx';
import { useView } from '../state/view-store.ts';
import { AwayBar } from './away-bar.tsx';
import { Boot } from './boot.tsx';
import { Notice } from './notice.tsx';
import { Workspace } from './workspace.tsx';

/** Sign-in, an invitation, or the workspace last open. */
export function App() {
  return (
    // Our policy allows no style elements; none of what we use needs them.
    <CSPProvider disableStyleElements>
      <Screen />
      <Notice />
    </CSPProvider>
  );
}

function Screen() {
  const status = useConnectionStatus();
  const workspaces = useQuery('workspaces', {});
  const { ws, invitation, adding } = useView();
  if (!workspaces) return <Boot />;
  const current = workspaces.find((workspace) => workspace.id === ws) ?? workspaces[0];
  if (invitation || adding || !current)
    return <SignIn key={invitation?.invite ?? ''} invitation={invitation} mayCancel={workspaces.length > 0} />;
  if (current.state === 'signed_out')
    return <SignIn key={current.id} invitation={null} mayCancel={false} relay={current.relay} email={current.email} />;
  return (
    <>
      {status === 'away' && <AwayBar />}
      {workspaces.map(({ id }) => (
        <Notifications key={id} ws={id} />
      ))}
      <Workspace key={current.id} ws={current.id} workspaces={workspaces} />
    </>
  );
}
