import type { MessageBoxOptions, SafeStorage } from 'electron';
import type { KeystoreQuestion, KeystoreReply } from '../host/keystore-port.ts';

/** What we use of Electron. Its asynchronous calls: the others block every window while the system asks for a password. */
export interface KeystoreDeps {
  readonly safeStorage: Pick<
    SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >;
  readonly platform: NodeJS.Platform;
  /** Shows a question to the person; resolves with the number of the button. */
  readonly ask: (question: MessageBoxOptions) => Promise<number>;
}

const REFUSE = 0;
const ALLOW = 1;

/** The system's keystore, for the engine's process, which can't reach it. To be asked once the app is ready. */
export function answerKeystore(deps: KeystoreDeps): (question: KeystoreQuestion) => Promise<KeystoreReply> {
  const { safeStorage, ask } = deps;

  async function answer(question: KeystoreQuestion): Promise<KeystoreReply> {
    switch (question.ask) {
      case 'available': {
        const why = await missing(deps);
        return why === null ? { reply: 'available' } : { reply: 'no', why };
      }
      case 'seal': {
        const sealed = await safeStorage.encryptStringAsync(Buffer.from(question.secret).toString('base64url'));
        return { reply: 'sealed', sealed: new Uint8Array(sealed) };
      }
      case 'unseal': {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(question.sealed));
        return { reply: 'unsealed', secret: new Uint8Array(Buffer.from(result, 'base64url')), stale: shouldReEncrypt };
      }
      case 'allows':
        return { reply: 'allowed', allowed: (await ask(QUESTIONS[question.disclosure])) === ALLOW };
    }
  }
  return (question) => answer(question).catch((error: unknown) => ({ reply: 'no', why: String(error) }));
}

/** Why there is no keystore that keeps anything from anyone, or null. */
async function missing({ safeStorage, platform }: KeystoreDeps): Promise<string | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'this system has none, or it is locked';
  if (platform !== 'linux') return null;
  // Without a secret service Chromium "encrypts" with a password that stands in its source.
  const backend = safeStorage.getSelectedStorageBackend();
  return backend === 'basic_text' || backend === 'unknown' ? `no secret service runs here (${backend})` : null;
}

const question = (message: string, detail: string): MessageBoxOptions => ({
  type: 'warning',
  title: 'Parley',
  message,
  detail,
  buttons: ['Don’t Allow', 'Allow'],
  defaultId: REFUSE,
  cancelId: REFUSE,
  noLink: true,
});

const QUESTIONS = {
  recovery_key: question(
    'Show the recovery key in a terminal?',
    'Whoever has it can read everything of yours that was ever on this machine. Allow this only if you have just typed “parley key show-recovery”.',
  ),
  passphrase: question(
    'Let a passphrase open your data in a terminal?',
    'From then on the passphrase opens it without this app. Allow this only if you have just typed “parley key change-passphrase”.',
  ),
} as const;
