import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

describe('two people in their windows', () => {
  let scene: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    [ada, bob] = await Promise.all([scene.arrive('Ada'), scene.arrive('Bob')]);
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  it('are told what is wrong with a sign-in, and come in with the right one', async () => {
    const { page } = ada.window;
    await page.getByLabel('Relay address').fill(ada.line.url);
    await page.getByLabel('E-mail').fill(ada.account.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.locator('form').getByRole('alert').textContent(), PATIENCE).toMatch(/password/i);
    await Promise.all([ada, bob].map(({ window, line, account }) => window.signIn(line.url, account)));
    for (const { window } of [ada, bob]) await window.stands('Synced');
  });

  it('talk in #general', async () => {
    for (const { window } of [ada, bob]) await window.open('general');
    await ada.window.say('Good morning, is the *harbour* open?');
    await bob.window.message('is the harbour open?').waitFor();
    await bob.window.say('It is.');
    await ada.window.message('It is.').waitFor();
    expect(await ada.window.transcript()).toEqual(await bob.window.transcript());
    expect(await bob.window.message('Good morning').locator('em').textContent()).toBe('harbour');
  });

  it('see that the other is typing', async () => {
    await ada.window.composer.fill('I am about to');
    await bob.window.conversation.getByText('Ada is typing…').waitFor();
    await ada.window.say('I am about to leave');
    await bob.window.message('I am about to leave').waitFor();
    await bob.window.conversation.getByText('Ada is typing…').waitFor({ state: 'detached' });
  });

  it('see an edit, and what stood there before', async () => {
    const own = ada.window.message('I am about to leave');
    await ada.window.choose(own, 'Edit message');
    const editor = ada.window.conversation.getByRole('feed').getByRole('combobox');
    await editor.fill('I am about to stay');
    await editor.press('Enter');
    const seen = bob.window.message('I am about to stay');
    await seen.getByRole('button', { name: '(edited)' }).click();
    await bob.window.dialog.getByText('I am about to leave').waitFor();
    await bob.window.page.keyboard.press('Escape');
    await bob.window.dialog.waitFor({ state: 'detached' });
  });

  it('react, join a reaction, and take it back', async () => {
    await bob.window.act(bob.window.message('about to stay'), 'React with 👍');
    const pill = (person: Person, says: RegExp) =>
      person.window.message('about to stay').getByRole('button', { name: says }).waitFor();
    await pill(ada, /^1, Bob reacted with 👍$/);
    await ada.window.message('about to stay').getByRole('button', { name: 'Bob reacted with 👍' }).click();
    await pill(ada, /^2, (Bob and you|you and Bob) reacted with 👍$/);
    await pill(bob, /^2, (Ada and you|you and Ada) reacted with 👍$/);
    await bob.window.act(bob.window.message('about to stay'), 'React with 👍');
    await pill(bob, /^1, Ada reacted with 👍$/);
    await pill(ada, /^1, you reacted with 👍$/);
  });

  it('see a tombstone where a message was deleted', async () => {
    await bob.window.say('I take this back');
    await ada.window.message('I take this back').waitFor();
    await bob.window.choose(bob.window.message('I take this back'), 'Delete message');
    await bob.window.dialog.getByRole('button', { name: 'Delete message' }).click();
    for (const { window } of [ada, bob]) {
      await window.message('This message was deleted.').waitFor();
      expect(await window.message('I take this back').count()).toBe(0);
    }
  });

  it('reply in a thread, and also to the channel', async () => {
    await bob.window.act(bob.window.message('is the harbour open?'), 'Reply in thread');
    await bob.window.reply('Only in the thread');
    const thread = bob.window.pane('Thread');
    await bob.window.message('Only in the thread', thread).waitFor();
    await thread.getByRole('checkbox', { name: 'Also send to #general' }).check();
    await bob.window.reply('Here and there');

    await ada.window.conversation.getByRole('button', { name: /2 replies/ }).click();
    const seen = ada.window.pane('Thread');
    await ada.window.message('Here and there', seen).waitFor();
    await ada.window.message('Only in the thread', seen).waitFor();
    await ada.window.message('Here and there').waitFor();
    expect(await ada.window.message('Only in the thread').count()).toBe(0);
    expect(await ada.window.transcript(seen)).toEqual(await bob.window.transcript(thread));
    for (const { window } of [ada, bob]) {
      await window.pane('Thread').getByRole('button', { name: 'Close' }).click();
      await window.pane('Thread').waitFor({ state: 'detached' });
    }
  });

  it('pin a message', async () => {
    await ada.window.choose(ada.window.message('It is.'), 'Pin to channel');
    await bob.window.message('It is.').getByText('Pinned').waitFor();
  });

  it('write to each other directly', async () => {
    await ada.window.sidebar.getByRole('button', { name: 'New message' }).first().click();
    await ada.window.dialog.getByRole('combobox', { name: 'Find people by name' }).fill('Bo');
    await ada.window.dialog.getByRole('option', { name: 'Bob' }).click();
    await ada.window.dialog.getByRole('button', { name: 'Start conversation' }).click();
    await ada.window.dialog.waitFor({ state: 'detached' });
    await ada.window.say('Just between us');
    await bob.window.row('Ada').getByText('1 mention').waitFor();
    await bob.window.open('Ada');
    await bob.window.message('Just between us').waitFor();
    await bob.window.row('Ada').getByText('1 mention').waitFor({ state: 'detached' });
  });

  it('see what is unread: a bold name, a count of mentions, and where it begins', async () => {
    // Bob stands in the direct conversation, so nothing of #general is read.
    const weight = () => bob.window.weight('general');
    expect(await weight()).toBeLessThan(600);
    await ada.window.open('general');
    await ada.window.say('Bob has not seen this');
    await bob.window.row('general').getByText('unread').waitFor({ state: 'attached' });
    expect(await weight()).toBeGreaterThanOrEqual(600);
    await ada.window.composer.pressSequentially('Hello @Bo');
    await ada.window.page.getByRole('option', { name: 'Bob' }).waitFor();
    await ada.window.composer.press('Enter');
    await ada.window.composer.press('Enter');
    await bob.window.row('general').getByText('1 mention').waitFor();

    await bob.window.open('general');
    const line = bob.window.conversation.locator('[data-new-line]');
    await line.waitFor();
    const [drawn, newLine, first] = await Promise.all([
      bob.window.message('Hello').last().boundingBox(),
      line.boundingBox(),
      bob.window.message('Bob has not seen this').boundingBox(),
    ]);
    expect(newLine?.y).toBeLessThan(first?.y ?? 0);
    expect(first?.y).toBeLessThan(drawn?.y ?? 0);
    await bob.window.message('Hello @Bob').waitFor();
    // Looked at, it counts as read; the line stays for the visit.
    await bob.window.row('general').getByText('unread').waitFor({ state: 'detached' });
    expect(await line.count()).toBe(1);
    await bob.window.open('Ada');
    await bob.window.open('general');
    await bob.window.message('Hello @Bob').waitFor();
    expect(await line.count()).toBe(0);
  });

  it('find a draft again after a reload', async () => {
    await ada.window.composer.fill('Half a thought');
    await ada.window.page.reload();
    await expect.poll(() => ada.window.composer.inputValue(), PATIENCE).toBe('Half a thought');
    await ada.window.say('A whole thought');
    await bob.window.message('A whole thought').waitFor();
    await ada.window.page.reload();
    await ada.window.message('A whole thought').waitFor();
    expect(await ada.window.composer.inputValue()).toBe('');
  });
});
