import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

describe('what the relay refuses', () => {
  let scene: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    [ada, bob] = await Promise.all([scene.join('Ada'), scene.join('Bob')]);
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const offline = async () => {
    bob.line.cut();
    await bob.window.stands(/^Offline/);
  };
  const online = () => {
    bob.line.restore();
    return bob.window.syncNow();
  };
  const archive = async () => {
    await ada.window.open('doomed');
    await ada.window.fromHeader('Archive channel');
    await ada.window.dialog.getByRole('button', { name: 'Archive channel' }).click();
    await ada.window.conversation.getByText('This channel is archived.').waitFor();
  };
  const unarchive = () => ada.window.fromHeader('Bring back from archive');

  it('stays where it was written, with the reason', async () => {
    await ada.window.newChannel('doomed');
    await ada.window.say('Last orders');
    await bob.window.joinChannel('doomed');
    await offline();
    for (const text of ['To be retried', 'To be corrected', 'To be dropped']) await bob.window.say(text);
    await archive();
    await online();
    for (const text of ['To be retried', 'To be corrected', 'To be dropped'])
      await bob.window
        .message(text)
        .getByText(/^Not sent\. .*archived/)
        .waitFor();
    await bob.window.stands('Action needed');
    await bob.window.row('doomed').getByText('3 could not be sent').waitFor({ state: 'attached' });
    expect(await ada.window.message('To be retried').count()).toBe(0);
  });

  it('is deleted when the person says so, after being asked', async () => {
    const message = bob.window.message('To be dropped');
    await message.getByRole('button', { name: 'Delete' }).click();
    await bob.window.dialog.getByRole('button', { name: 'Cancel' }).click();
    await bob.window.dialog.waitFor({ state: 'detached' });
    expect(await message.count()).toBe(1);
    await message.getByRole('button', { name: 'Delete' }).click();
    await bob.window.dialog.getByRole('button', { name: 'Delete' }).click();
    await message.waitFor({ state: 'detached' });
    await bob.window.row('doomed').getByText('2 could not be sent').waitFor({ state: 'attached' });
  });

  it('goes out when it is tried again and the reason is gone, as it was or changed', async () => {
    await unarchive();
    await bob.window.composer.waitFor();
    await bob.window.message('To be retried').getByRole('button', { name: 'Retry' }).click();
    await ada.window.message('To be retried').waitFor();
    await bob.window.message('To be corrected').getByRole('button', { name: 'Edit' }).click();
    const field = bob.window.dialog.getByRole('combobox');
    expect(await field.inputValue()).toBe('To be corrected');
    await field.fill('Corrected');
    await field.press('Enter');
    await ada.window.message('Corrected').waitFor();
    await bob.window.stands('Synced');
    for (const { window } of [ada, bob]) {
      expect(await window.message('To be corrected').count()).toBe(0);
      expect(await window.message('To be dropped').count()).toBe(0);
    }
    await expect.poll(() => ada.window.transcript(), PATIENCE).toEqual(await bob.window.transcript());
  });

  it('can be dealt with in the outbox too, and stays refused while the reason stands', async () => {
    await offline();
    await bob.window.say('Written again');
    await archive();
    await online();
    await bob.window
      .message('Written again')
      .getByText(/^Not sent\. .*archived/)
      .waitFor();
    await bob.window.chip.click();
    const entry = bob.window.pane('Outbox').getByRole('listitem').filter({ hasText: 'Written again' });
    await entry.getByText(/archived/).waitFor();
    await bob.window.chip.click();
    await entry.getByRole('button', { name: 'Retry' }).click();
    await entry.getByText('Not sent', { exact: true }).waitFor();
    await entry.getByRole('button', { name: 'Delete' }).click();
    await bob.window.dialog.getByRole('button', { name: 'Delete' }).click();
    await bob.window.pane('Outbox').getByText('Everything you wrote has been delivered.').waitFor();
    await bob.window.page.keyboard.press('Control+.');
  });

  it('and a private channel one is removed from leave nothing behind but what one wrote', async () => {
    await ada.window.newChannel('council', { isPrivate: true });
    await ada.window.say('The word is xylophone');
    await ada.window.fromHeader('Add people');
    await ada.window.dialog.getByRole('combobox', { name: 'Find people by name' }).fill('Bob');
    await ada.window.dialog.getByRole('option', { name: 'Bob' }).click();
    await ada.window.dialog.getByRole('button', { name: 'Add 1 person' }).click();
    await bob.window.open('council');
    await bob.window.message('The word is xylophone').waitFor();
    await (await bob.window.search('xylophone')).getByText('1 message').waitFor();

    await offline();
    await bob.window.say('I still have something to say');
    await scene.command(ada, 'channel', 'remove', 'council', '@bob');
    await online();
    await bob.window.row('council').waitFor({ state: 'detached' });
    await (await bob.window.search('xylophone')).getByText('Nothing found for “xylophone”.').waitFor();
    expect(await bob.window.page.getByText('The word is').count()).toBe(0);

    await bob.window.stands('Action needed');
    await bob.window.chip.click();
    const entry = bob.window.pane('Outbox').getByRole('listitem').filter({ hasText: 'I still have something to say' });
    await entry.getByText('Not sent', { exact: true }).waitFor();
    await entry.getByRole('button', { name: 'Delete' }).click();
    await bob.window.dialog.getByRole('button', { name: 'Delete' }).click();
    await entry.waitFor({ state: 'detached' });
    expect(await ada.window.message('I still have something to say').count()).toBe(0);
  });
});
