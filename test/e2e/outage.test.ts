import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';
import type { Line } from './harness/window.ts';

/** What a browser says of a shell that is not there. */
const SHELL_GONE = /WebSocket connection to 'ws:\/\/127\.0\.0\.1:\d+\/engine' failed/;

const textsOf = (lines: readonly Line[]): readonly string[] => lines.map(([, text]) => text);

describe('an outage of the relay', () => {
  let scene: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    [ada, bob] = await Promise.all([scene.join('Ada'), scene.join('Bob')]);
    await ada.window.say('Written before the outage');
    await bob.window.say('Me too');
    await bob.window.message('Written before the outage').waitFor();
    await ada.window.message('Me too').waitFor();
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  it('shows', async () => {
    await scene.relay.kill();
    for (const { window } of [ada, bob]) await window.stands('Offline');
  });

  it('stops nobody from writing, reacting, editing and opening a channel', async () => {
    for (const text of ['Ada one', 'Ada two', 'Ada three']) await ada.window.say(text);
    await ada.window.act(ada.window.message('Me too'), 'React with 👍');
    await ada.window.choose(ada.window.message('Written before the outage'), 'Edit message');
    const editor = ada.window.conversation.getByRole('feed').getByRole('combobox');
    await editor.fill('Written before the outage, edited in it');
    await editor.press('Enter');
    await ada.window.newChannel('war-room');
    await ada.window.say('Who is here?');
    await ada.window.message('Who is here?').getByText('Waiting to be sent').waitFor();
    await ada.window.open('general');
    await expect
      .poll(() => ada.window.conversation.getByText('Waiting to be sent', { exact: true }).count(), PATIENCE)
      .toBe(3);
    await ada.window.message('edited in it').getByText('Change waiting to be sent').waitFor();
    await ada.window.stands(/^Offline, \d+ queued$/);
    // Three messages, a reaction, an edit, a channel and a message in it; perhaps what became of drafts on the way.
    await ada.window.chip.click();
    const waiting = ada.window.pane('Outbox').getByRole('listitem');
    await expect.poll(() => waiting.count(), PATIENCE).toBeGreaterThanOrEqual(7);
    await expect
      .poll(async () => (await ada.window.chip.textContent()) === `Offline, ${await waiting.count()} queued`, PATIENCE)
      .toBe(true);
    await ada.window.page.keyboard.press('Control+.');

    for (const text of ['Bob one', 'Bob two']) await bob.window.say(text);
    await bob.window.stands(/^Offline, \d+ queued$/);
  });

  it('and a kill of the engine meanwhile lose nothing that was written', async () => {
    await bob.shell.kill();
    await bob.window.page.getByText('Parley’s engine stopped.').waitFor();
    await bob.shell.start();
    // The new shell knows no session of the old one; its window comes in with the ticket it printed.
    await bob.window.page.goto(bob.shell.address);
    await bob.window.message('Bob two').getByText('Waiting to be sent').waitFor();
    await bob.window.message('Bob one').getByText('Waiting to be sent').waitFor();
    await bob.window.stands(/^Offline, \d+ queued$/);
    expect(bob.window.takeErrors(SHELL_GONE)).toEqual([]);
  });

  it('ends with everything everywhere, once and in the same order', async () => {
    await scene.relay.start();
    for (const { window } of [ada, bob]) await window.syncNow();
    for (const { window } of [ada, bob]) await window.stands('Synced');
    for (const { window } of [ada, bob])
      for (const text of ['Ada one', 'Ada two', 'Ada three', 'Bob one', 'Bob two', 'edited in it'])
        await window.message(text).waitFor();
    await expect
      .poll(async () => {
        const [mine, theirs] = await Promise.all([ada.window.transcript(), bob.window.transcript()]);
        return JSON.stringify(mine) === JSON.stringify(theirs);
      }, PATIENCE)
      .toBe(true);
    const lines = await ada.window.transcript();
    expect(new Set(lines.map(([id]) => id)).size).toBe(lines.length);
    expect(textsOf(lines).slice(0, 2)).toEqual(['Written before the outage, edited in it (edited)', 'Me too']);
    const written = textsOf(lines).slice(2);
    expect([...written].sort()).toEqual(['Ada one', 'Ada three', 'Ada two', 'Bob one', 'Bob two']);
    expect(written.filter((text) => text.startsWith('Ada'))).toEqual(['Ada one', 'Ada two', 'Ada three']);
    expect(written.filter((text) => text.startsWith('Bob'))).toEqual(['Bob one', 'Bob two']);
    await bob.window.message('Me too').getByRole('button', { name: 'Ada reacted with 👍' }).waitFor();
    for (const { window } of [ada, bob]) {
      expect(await window.conversation.getByText(/waiting to be sent/i).count()).toBe(0);
      await window.chip.click();
      await window.pane('Outbox').getByText('Everything you wrote has been delivered.').waitFor();
    }
  });

  it('brings the channel that was opened in it', async () => {
    await bob.window.joinChannel('war-room');
    await bob.window.message('Who is here?').waitFor();
    await bob.window.say('I am');
    await ada.window.open('war-room');
    await ada.window.message('I am').waitFor();
    await expect.poll(() => ada.window.transcript(), PATIENCE).toEqual(await bob.window.transcript());
  });
});
