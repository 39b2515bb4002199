import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from './harness/barriers.ts';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

interface Shown {
  readonly title: string;
  readonly body: string;
}

/**
 * A headless browser has no system to show notifications by, so the constructor it would call is a double here that
 * keeps what it was told, and can be clicked.
 */
const DOUBLE = `{
  const shown = [];
  let asked = 'default';
  class Double {
    static get permission() { return asked; }
    static async requestPermission() { asked = 'granted'; return asked; }
    constructor(title, { body }) { this.title = title; this.body = body; shown.push(this); }
    close() {}
  }
  window.Notification = Double;
  window.notified = shown;
}`;

const shown = (page: Page): Promise<readonly Shown[]> =>
  page.evaluate('window.notified.map(({ title, body }) => ({ title, body }))');

describe('notifications', () => {
  let scene: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    [ada, bob] = await Promise.all([scene.join('Ada'), scene.join('Bob')]);
    await ada.window.newChannel('quay');
    await bob.window.joinChannel('quay');
    await bob.window.page.addInitScript(DOUBLE);
    await bob.window.page.reload();
    await bob.window.stands('Synced');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const mention = async (text: string) => {
    const { composer, page } = ada.window;
    await composer.fill(`${text} @Bob`);
    await page.getByRole('option', { name: /Bob/ }).click();
    await page.keyboard.press('Enter');
    await ada.window.message(text).waitFor();
  };

  it('ask first, and show what one looks like', async () => {
    const { page, dialog } = bob.window;
    await page.keyboard.press('Control+,');
    await dialog.getByRole('button', { name: 'Allow notifications' }).click();
    await dialog.getByRole('button', { name: 'Show one' }).click();
    expect(await shown(page)).toEqual([{ title: 'Parley', body: 'This is what a notification looks like.' }]);
    await dialog.getByRole('switch', { name: 'Quiet hours' }).click();
    await dialog.getByLabel('From').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await dialog.getByRole('switch', { name: 'Quiet hours' }).click();
    await dialog.getByLabel('From').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
  });

  it('tell of a mention elsewhere, and lead there', async () => {
    const { page } = bob.window;
    await bob.window.open('general');
    await ada.window.open('quay');
    await mention('Can you moor the barge,');
    await expect
      .poll(async () => (await shown(page)).at(-1), PATIENCE)
      .toEqual({
        title: 'Ada in #quay',
        body: 'Can you moor the barge, @Bob',
      });
    await page.evaluate('window.notified.at(-1).onclick()');
    await bob.window.conversation.getByRole('heading', { level: 1, name: 'quay' }).waitFor();
    await bob.window.message('Can you moor the barge').waitFor();
  });

  it('leave alone who is reading there already', async () => {
    const before = (await shown(bob.window.page)).length;
    await bob.window.page.bringToFront();
    await mention('And the tug,');
    await bob.window.message('And the tug').waitFor();
    expect(await shown(bob.window.page)).toHaveLength(before);
  });

  it('say why, by the rule that decided', async () => {
    const { window } = bob;
    await window.choose(window.message('And the tug'), 'Why was I notified?');
    await window.dialog.getByText('It names you.').waitFor();
    expect(await barriers(window.page)).toEqual([]);
    await window.page.emulateMedia({ colorScheme: 'light' });
    await window.dialog.getByRole('button', { name: 'Notification preferences' }).click();
    await window.dialog.getByRole('heading', { name: 'Preferences' }).waitFor();
    await window.page.keyboard.press('Escape');
  });

  it('have a rule of their own in each channel', async () => {
    const { window } = bob;
    await window.fromHeader('Notifications…');
    await window.dialog.getByRole('radiogroup').getByText('Nothing', { exact: true }).click();
    await expect.poll(() => window.dialog.getByRole('radio', { name: 'Nothing' }).isChecked(), PATIENCE).toBe(true);
    expect(await barriers(window.page)).toEqual([]);
    await window.page.emulateMedia({ colorScheme: 'light' });
    await window.page.keyboard.press('Escape');
    await window.choose(window.message('And the tug'), 'Why was I notified?');
    await window.dialog.getByText('You have read this message.').waitFor();
    await window.page.keyboard.press('Escape');
  });
});
