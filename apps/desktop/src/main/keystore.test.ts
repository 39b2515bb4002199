import type { MessageBoxOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { answerKeystore, type KeystoreDeps } from './keystore.ts';

/** Stands where Electron's would: turns the text around, and says what it was told to. */
function setUp({
  available = true,
  backend = 'gnome_libsecret',
  platform = 'linux' as NodeJS.Platform,
  button = 0,
  stale = false,
}) {
  const questions: MessageBoxOptions[] = [];
  const turned = (text: string): string => [...text].reverse().join('');
  const deps: KeystoreDeps = {
    platform,
    safeStorage: {
      isAsyncEncryptionAvailable: async () => available,
      encryptStringAsync: async (text) => Buffer.from(`sealed ${turned(text)}`),
      decryptStringAsync: async (sealed) => {
        if (!sealed.toString().startsWith('sealed ')) throw new Error('Error while decrypting the ciphertext.');
        return { result: turned(sealed.toString().slice(7)), shouldReEncrypt: stale };
      },
      getSelectedStorageBackend: () => backend as 'basic_text',
    },
    ask: async (question) => {
      questions.push(question);
      return button;
    },
  };
  return { answer: answerKeystore(deps), questions };
}

describe('the keystore, asked by the engine’s process', () => {
  const secret = new Uint8Array(32).fill(9);

  it.each([
    ['a keyring on Linux', {}, 'available'],
    ['a wallet on Linux', { backend: 'kwallet6' }, 'available'],
    [
      'Windows and macOS, where there is no backend to choose',
      { platform: 'win32', backend: 'basic_text' },
      'available',
    ],
    ['none at all', { available: false }, 'no'],
    ['a password that stands in Chromium’s source', { backend: 'basic_text' }, 'no'],
    ['one that is not known yet', { backend: 'unknown' }, 'no'],
  ] as const)('is %s: %o is %s', async (_what, options, reply) => {
    expect(await setUp(options).answer({ ask: 'available' })).toMatchObject({ reply });
  });

  it('gives back what it sealed, and says when it is to be sealed again', async () => {
    const { answer } = setUp({ stale: true });
    const sealed = await answer({ ask: 'seal', secret });
    if (sealed.reply !== 'sealed') throw new Error(sealed.reply);
    expect(Buffer.from(sealed.sealed).includes(Buffer.from(secret))).toBe(false);
    expect(await answer({ ask: 'unseal', sealed: sealed.sealed })).toEqual({ reply: 'unsealed', secret, stale: true });
  });

  it('answers what it refuses', async () => {
    expect(await setUp({}).answer({ ask: 'unseal', sealed: secret })).toMatchObject({ reply: 'no' });
  });

  it('asks the person before a terminal gets the recovery key or a way in of its own; the safe button is the default', async () => {
    for (const disclosure of ['recovery_key', 'passphrase'] as const) {
      const { answer, questions } = setUp({ button: 0 });
      expect(await answer({ ask: 'allows', disclosure })).toEqual({ reply: 'allowed', allowed: false });
      expect(questions).toMatchObject([{ defaultId: 0, cancelId: 0, buttons: ['Don’t Allow', 'Allow'] }]);
      expect(await setUp({ button: 1 }).answer({ ask: 'allows', disclosure })).toEqual({
        reply: 'allowed',
        allowed: true,
      });
    }
  });
});
