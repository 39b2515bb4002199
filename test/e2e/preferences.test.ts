import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from './harness/barriers.ts';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

describe('preferences', () => {
  let scene: Scene;
  let ada: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    ada = await scene.join('Ada');
    await ada.window.open('general');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const background = () => ada.window.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const choose = async (group: string, option: string) => {
    const { page, dialog } = ada.window;
    await page.keyboard.press('Control+,');
    await dialog.getByRole('radiogroup', { name: group }).getByText(option, { exact: true }).click();
    await expect
      .poll(
        () => dialog.getByRole('radiogroup', { name: group }).getByRole('radio', { name: option }).isChecked(),
        PATIENCE,
      )
      .toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };

  it('open by the keyboard, and keep nobody out', async () => {
    const { page, dialog } = ada.window;
    await page.keyboard.press('Control+,');
    await dialog.getByRole('heading', { name: 'Preferences' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+/');
    await dialog.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.keyboard.press('Escape');
  });

  it('make the window dark whatever the system is, before the engine answers the next time', async () => {
    const light = await background();
    await choose('Theme', 'Dark');
    await expect.poll(background, PATIENCE).not.toBe(light);
    const dark = await background();
    await ada.window.page.reload({ waitUntil: 'commit' });
    await ada.window.page.locator('body').waitFor({ state: 'attached' });
    await expect.poll(background, PATIENCE).toBe(dark);
    await ada.window.stands('Synced');
    await choose('Theme', 'As the system');
    await expect.poll(background, PATIENCE).toBe(light);
  });

  it('hold in high contrast and in little space, without barriers', async () => {
    await ada.window.say('Can you read this?');
    await choose('Contrast', 'High');
    await choose('Density', 'Compact');
    expect(await barriers(ada.window.page)).toEqual([]);
    await ada.window.page.emulateMedia({ colorScheme: 'light' });
    await choose('Contrast', 'As the system');
  });

  it('show times as they are wanted', async () => {
    const time = ada.window.message('Can you read this?').locator('time');
    await expect.poll(() => time.textContent(), PATIENCE).toMatch(/[AP]M$/);
    await choose('Clock', '24 hours');
    await expect.poll(() => time.textContent(), PATIENCE).toMatch(/^\d\d:\d\d$/);
  });

  it('leave Enter to the text where that is wanted', async () => {
    await choose('Enter', 'New line');
    const { composer, page } = ada.window;
    await composer.fill('first');
    await composer.press('Enter');
    await page.keyboard.type('second');
    expect(await composer.inputValue()).toBe('first\nsecond');
    await composer.press('Control+Enter');
    await ada.window.message('first').waitFor();
    expect(await composer.inputValue()).toBe('');
  });
});
