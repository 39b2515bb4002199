import { Button, TextField, t } from '@parley/ui';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useEngine } from '../engine/engine-context.ts';
import { invitationFromLink } from '../state/route.ts';
import { reasonOf } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { relayAddress } from './relay-address.ts';
import css from './sign-in.module.css';

interface Invitation {
  readonly relay: string;
  readonly invite: string;
}

export interface SignInProps {
  /** An invitation to accept; without one, a person who has an account signs in. */
  invitation: Invitation | null;
  /** There is a workspace to go back to. */
  mayCancel: boolean;
  /** Known from before, where the person only has to sign in again. */
  relay?: string;
  email?: string;
}

export function SignIn({ invitation, mayCancel, relay = '', email = '' }: SignInProps) {
  const cancel = mayCancel ? <Button onClick={() => view.adding(false)}>{t('common.cancel')}</Button> : null;
  return (
    <main className={css.page}>
      <div className={css.card}>
        <p className={css.brand} aria-hidden="true">
          <span className={css.logo}>P</span> {t('app.name')}
        </p>
        {invitation ? (
          <AcceptForm invitation={invitation} cancel={cancel} />
        ) : (
          <LoginForm relay={relay} email={email} cancel={cancel} />
        )}
      </div>
    </main>
  );
}

function LoginForm({ cancel, ...known }: { relay: string; email: string; cancel: ReactNode }) {
  const engine = useEngine();
  const [relay, setRelay] = useState(known.relay);
  const [email, setEmail] = useState(known.email);
  const [password, setPassword] = useState('');
  const [relayProblem, setRelayProblem] = useState<string | null>(null);
  const { problem, busy, run } = useSubmit();

  const submit = () => {
    const address = relayAddress(relay);
    if (address === null) return setRelayProblem(t('signIn.relayProblem'));
    void run(async () => {
      const { workspaces } = await engine.call('account.login', { relay: address, email: email.trim(), password });
      view.invitationDone();
      if (workspaces[0]) view.workspace(workspaces[0].id);
    });
  };
  return (
    <Form title={t('signIn.title')} intro={t('signIn.intro')} problem={problem} onSubmit={submit}>
      <TextField
        label={t('signIn.relay')}
        value={relay}
        onText={(text) => {
          setRelayProblem(null);
          const found = invitationFromLink(text);
          if (found) view.route({ at: 'invitation', ...found });
          else setRelay(text);
        }}
        problem={relayProblem}
        hint={t('signIn.relayHint')}
        type="url"
        autoComplete="url"
        spellCheck={false}
        required
        autoFocus={known.relay === ''}
      />
      <TextField
        label={t('signIn.email')}
        value={email}
        onText={setEmail}
        type="email"
        autoComplete="username"
        required
      />
      <TextField
        label={t('signIn.password')}
        value={password}
        onText={setPassword}
        type="password"
        autoComplete="current-password"
        required
        autoFocus={known.relay !== ''}
      />
      <div className={css.buttons}>
        {cancel}
        <Button look="primary" type="submit" busy={busy} disabled={!relay.trim() || !email.trim() || !password}>
          {busy ? t('signIn.working') : t('signIn.submit')}
        </Button>
      </div>
    </Form>
  );
}

function AcceptForm({ invitation, cancel }: { invitation: Invitation; cancel: ReactNode }) {
  const engine = useEngine();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { problem, busy, run } = useSubmit();
  const submit = () =>
    void run(async () => {
      const args = { ...invitation, email: email.trim(), name: name.trim(), password };
      const { workspaces } = await engine.call('account.accept', args);
      view.invitationDone();
      if (workspaces[0]) view.workspace(workspaces[0].id);
    });
  return (
    <Form
      title={t('invite.title', { relay: new URL(invitation.relay).host })}
      intro={t('invite.intro')}
      problem={problem}
      onSubmit={submit}
    >
      <TextField label={t('signIn.name')} value={name} onText={setName} autoComplete="name" required autoFocus />
      <TextField
        label={t('signIn.email')}
        value={email}
        onText={setEmail}
        type="email"
        autoComplete="username"
        required
      />
      <TextField
        label={t('signIn.password')}
        value={password}
        onText={setPassword}
        type="password"
        autoComplete="new-password"
        hint={t('invite.passwordHint')}
        required
      />
      <div className={css.buttons}>
        {cancel}
        <Button look="primary" type="submit" busy={busy} disabled={!name.trim() || !email.trim() || !password}>
          {busy ? t('invite.working') : t('invite.submit')}
        </Button>
      </div>
    </Form>
  );
}

interface FormProps {
  title: string;
  intro: string;
  problem: string | null;
  onSubmit(): void;
  children: ReactNode;
}

function Form({ title, intro, problem, onSubmit, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <h1 className={css.title}>{title}</h1>
      <p className={css.intro}>{intro}</p>
      {children}
      <p className={css.problem} role="alert">
        {problem}
      </p>
    </form>
  );
}

/** One attempt at a time, and what went wrong with the last. */
function useSubmit() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(reasonOf(error));
    }
    setBusy(false);
  };
  return { problem, busy, run };
}
