import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from './harness/barriers.ts';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

describe('lists across conversations', () => {
  let scene: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    [ada, bob] = await Promise.all([scene.join('Ada'), scene.join('Bob')]);
    await ada.window.newChannel('harbour-works');
    await bob.window.joinChannel('harbour-works');
    await bob.window.open('general');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const list = (person: Person, name: string) => person.window.page.getByRole('main', { name });
  const press = (person: Person, key: string) => person.window.page.keyboard.press(key);

  it('say so where there is nothing', async () => {
    for (const [name, words] of [
      ['Unreads', 'You have read everything'],
      ['Threads', 'No threads yet'],
      ['Activity', 'Nothing yet'],
      ['Later', 'Nothing put aside'],
    ] as const) {
      await bob.window.sidebar.getByRole('button', { name, exact: true }).click();
      await list(bob, name).getByText(words).waitFor();
      expect(await barriers(bob.window.page), name).toEqual([]);
    }
    await bob.window.open('general');
  });

  it('show what is unread, and take it back when everything was marked read by mistake', async () => {
    for (const text of ['The crane is back.', 'So is the ferry.']) await ada.window.say(text);
    await bob.window.sidebar.getByRole('button', { name: /^Unreads.*unread/ }).click();
    const unreads = list(bob, 'Unreads');
    await unreads.getByText('So is the ferry.').waitFor();
    await unreads.getByText('2 unread messages').waitFor();
    expect(await barriers(bob.window.page)).toEqual([]);
    await unreads.getByRole('button', { name: 'Mark all as read' }).click();
    await unreads.getByText('You have read everything').waitFor();
    await bob.window.page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
    await unreads.getByText('The crane is back.').waitFor();
    await press(bob, 'Shift+Escape');
    await unreads.getByText('You have read everything').waitFor();
    await bob.window.page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
    await unreads.getByRole('region', { name: '#harbour-works' }).getByRole('button', { name: 'Mark as read' }).click();
    await unreads.getByText('You have read everything').waitFor();
    await expect.poll(() => bob.window.weight('harbour-works'), PATIENCE).toBeLessThan(600);
  });

  it('lead to the thread a reply came in, by the keyboard', async () => {
    await bob.window.open('harbour-works');
    await bob.window.act(bob.window.message('The crane is back.'), 'Reply in thread');
    await bob.window.reply('Which one?');
    await press(ada, 'Control+Shift+T');
    const threads = list(ada, 'Threads');
    await threads.getByText('1 new reply').waitFor();
    expect(await barriers(ada.window.page)).toEqual([]);
    await threads.getByRole('button', { name: 'Reply in thread' }).click();
    await ada.window.reply('The big one.');
    await threads.getByText('The big one.').waitFor();
    await threads.getByText('1 new reply').waitFor({ state: 'detached' });
  });

  it('lead to a mention where it was made', async () => {
    await bob.window.composer.fill('Look at this, @Ada');
    await bob.window.page.getByRole('option', { name: /Ada/ }).click();
    await press(bob, 'Enter');
    await bob.window.message('Look at this').waitFor();
    await press(ada, 'Control+Shift+M');
    const activity = list(ada, 'Activity');
    await activity.getByText('You were mentioned').waitFor();
    expect(await barriers(ada.window.page)).toEqual([]);
    await activity.getByRole('button', { name: '#harbour-works' }).click();
    await ada.window.conversation.getByRole('heading', { level: 1, name: 'harbour-works' }).waitFor();
    await ada.window.message('Look at this').waitFor();
  });

  it('keep what was put aside until it is done, and the address keeps the list', async () => {
    await ada.window.act(ada.window.message('Look at this'), 'Save for later');
    await press(ada, 'Control+Shift+S');
    const later = list(ada, 'Later');
    await later.getByText('Look at this').waitFor();
    await ada.window.page.reload();
    await later.getByText('Look at this').waitFor();
    await later.getByRole('button', { name: 'Done' }).click();
    await later.getByText('Nothing put aside').waitFor();
  });

  it('and what else there is to do is a few letters away', async () => {
    const { page, dialog } = ada.window;
    await press(ada, 'Control+K');
    await page.keyboard.type('prefrences');
    await dialog.getByRole('option', { name: 'Preferences' }).waitFor();
    await press(ada, 'Enter');
    await dialog.getByRole('heading', { name: 'Preferences' }).waitFor();
    await press(ada, 'Escape');
    await press(ada, 'Control+K');
    await page.keyboard.type('harbor');
    await dialog.getByRole('option', { name: 'harbour-works' }).waitFor();
    await press(ada, 'Enter');
    await ada.window.conversation.getByRole('heading', { level: 1, name: 'harbour-works' }).waitFor();
  });
});
