import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from './harness/barriers.ts';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

/** What has the focus, as a screen reader would name it. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  return focused?.closest('[data-region]')?.dataset.region + ' ' + (focused?.getAttribute('aria-label') ?? focused?.textContent ?? '');
})()`;

describe('everyone can use the window', () => {
  let scene: Scene;
  let ada: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    ada = await scene.arrive('Ada');
    await ada.window.page.getByLabel('Relay address').waitFor();
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const focused = () => ada.window.page.evaluate(FOCUSED);
  const press = (key: string) => ada.window.page.keyboard.press(key);

  it('signs in with the keyboard alone', async () => {
    expect(await barriers(ada.window.page)).toEqual([]);
    const { keyboard } = ada.window.page;
    for (const [text, key] of [
      [ada.line.url, 'Tab'],
      [ada.account.email, 'Tab'],
      [ada.account.password, 'Enter'],
    ] as const) {
      await keyboard.type(text);
      await keyboard.press(key);
    }
    await ada.window.stands('Synced');
  });

  it('has no barriers in a conversation with everything in it', async () => {
    await ada.window.say('A message with `code`, *emphasis* and https://example.com/ in it');
    await ada.window.say('> Quoted\n\n- one\n- two');
    await ada.window.say('A thread begins here');
    const root = ada.window.message('A thread begins here');
    await ada.window.act(root, 'React with 👍');
    await ada.window.choose(root, 'Pin to channel');
    await ada.window.act(root, 'Reply in thread');
    await ada.window.reply('And goes on here');
    await ada.window.conversation.getByRole('button', { name: /1 reply/ }).waitFor();
    await ada.window.say('To be edited');
    await ada.window.choose(ada.window.message('To be edited'), 'Edit message');
    await ada.window.conversation.getByRole('feed').getByRole('combobox').fill('Edited');
    await press('Enter');
    await ada.window.conversation.getByRole('button', { name: '(edited)' }).waitFor();
    await ada.window.say('To be deleted');
    await ada.window.choose(ada.window.message('To be deleted'), 'Delete message');
    expect(await barriers(ada.window.page), 'confirmation').toEqual([]);
    await ada.window.dialog.getByRole('button', { name: 'Delete message' }).click();
    await ada.window.message('This message was deleted.').waitFor();
    expect(await barriers(ada.window.page), 'conversation and thread').toEqual([]);
    await root.hover();
    await root.getByRole('toolbar').waitFor();
    expect(await barriers(ada.window.page), 'actions').toEqual([]);
  });

  it('has no barriers in search and outbox', async () => {
    const pane = await ada.window.search('thread');
    await pane.locator('[data-hit] mark').first().waitFor();
    expect(await barriers(ada.window.page), 'search').toEqual([]);
    await ada.window.chip.click();
    await ada.window.pane('Outbox').waitFor();
    expect(await barriers(ada.window.page), 'outbox').toEqual([]);
    await press('Control+.');
  });

  it('has no barriers in dialogs and menus', async () => {
    const close = async () => {
      await press('Escape');
      await ada.window.dialog.waitFor({ state: 'detached' });
    };
    const add = ada.window.sidebar.getByRole('button', { name: 'Add channels' });
    for (const item of ['New channel', 'Browse channels']) {
      await ada.window.fromMenu(add, item);
      await ada.window.dialog.waitFor();
      expect(await barriers(ada.window.page), item).toEqual([]);
      await close();
    }
    await press('Control+k');
    await ada.window.dialog.waitFor();
    await ada.window.page.keyboard.type('gen');
    await ada.window.dialog.getByRole('option', { name: /general/ }).waitFor();
    expect(await barriers(ada.window.page), 'switcher').toEqual([]);
    await close();
    await press('Control+Shift+K');
    await ada.window.dialog.waitFor();
    expect(await barriers(ada.window.page), 'new message').toEqual([]);
    await close();
    await ada.window.sidebar.getByRole('button', { name: 'Harbour menu' }).click();
    await ada.window.page.getByRole('menuitem', { name: 'Invite people' }).waitFor();
    expect(await barriers(ada.window.page), 'menu').toEqual([]);
    await press('Escape');
  });

  it('is walked through with the keyboard', async () => {
    await ada.window.newChannel('alpha');
    await ada.window.newChannel('beta');
    const heading = (name: string) => ada.window.conversation.getByRole('heading', { level: 1, name }).waitFor();
    // Channels stand in the order of their names.
    await press('Alt+ArrowUp');
    await heading('alpha');
    await press('Alt+ArrowDown');
    await heading('beta');
    await press('Alt+ArrowDown');
    await heading('general');
    await expect.poll(focused, PATIENCE).toBe('conversation Message #general');

    const region = async (key: string) => {
      await press(key);
      return String(await focused()).split(' ')[0];
    };
    for (let count = 0; count < 4 && (await region('F6')) !== 'rail'; count++);
    const around: unknown[] = [];
    for (let count = 0; count < 4; count++) around.push(await region('F6'));
    expect(around).toEqual(['sidebar', 'conversation', 'messages', 'rail']);
    expect(await region('Shift+F6')).toBe('messages');
    expect(await region('Shift+F6')).toBe('conversation');
    expect(await focused()).toBe('conversation Message #general');
  });

  it('acts on a message with the keyboard', async () => {
    await ada.window.composer.focus();
    for (let count = 0; count < 6; count++) {
      if (String(await focused()).startsWith('messages ')) break;
      await press('F6');
    }
    await press('ArrowUp');
    const at = ada.window.page.locator('article:focus');
    await at.waitFor();
    for (let count = 0; count < 8 && !(await at.textContent())?.includes('A thread begins here'); count++)
      await press('ArrowUp');
    await press('t');
    await ada.window.message('And goes on here', ada.window.pane('Thread')).waitFor();
    await ada.window.pane('Thread').locator('textarea:focus').waitFor();
    await press('Escape');
    await ada.window.pane('Thread').waitFor({ state: 'detached' });
  });

  it('goes through the window by Tab without a trap', async () => {
    await ada.window.composer.focus();
    const visited = new Set<string>();
    for (let count = 0; count < 80; count++) {
      await press('Tab');
      visited.add(String(await focused()));
      if (String(await focused()) === 'conversation Message #general') break;
    }
    expect([...visited]).toEqual(
      expect.arrayContaining(['sidebar Harbour menu', 'conversation Message #general', 'rail Add a workspace']),
    );
  });
});
