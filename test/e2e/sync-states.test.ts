import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, keyOf, overwrite } from '../engine/spoil.ts';
import { barriers } from './harness/barriers.ts';
import { type Person, Scene } from './harness/scene.ts';

/** What a browser says of a shell that is not there. */
const SHELL_GONE = /WebSocket connection to 'ws:\/\/127\.0\.0\.1:\d+\/engine' failed/;

/** The one replica of a home. */
function replicaOf(home: string): string {
  const [name] = readdirSync(join(home, 'ws')).filter((each) => each.endsWith('.db') && !each.includes('.damaged-'));
  return join(home, 'ws', name ?? 'none');
}

describe('the state of sync', () => {
  let scene: Scene;
  let ada: Person;

  beforeAll(async () => {
    scene = await Scene.open();
    ada = await scene.join('Ada');
    for (const text of ['The first', 'The second', 'The third']) await ada.window.say(text);
    await ada.window.stands('Synced');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const state = () => ada.window.pane('Outbox').getByRole('region', { name: 'State of sync' });
  const noticed = () => ada.window.page.getByRole('region', { name: 'About the copy on this computer' });

  /** Does something to the home while nobody has it open, and comes back. */
  async function whileClosed(spoil: () => Promise<void> | void): Promise<void> {
    await ada.shell.stop();
    await spoil();
    await ada.shell.start();
    await ada.window.page.goto(ada.shell.address);
    await ada.window.sidebar.waitFor();
    ada.window.takeErrors(SHELL_GONE);
  }

  it('is proved with the keyboard alone, and said in words', async () => {
    const { page } = ada.window;
    await ada.window.chip.click();
    await state().getByRole('heading', { name: 'Synced' }).waitFor();
    await state().getByRole('button', { name: 'Verify now' }).focus();
    await page.keyboard.press('Enter');
    const result = state().getByRole('status');
    await result.filter({ hasText: /^[\d,]+ rows compared with the relay, no difference$/ }).waitFor();
    await state().getByText('just now').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Verify now');
    expect(await barriers(page)).toEqual([]);
  });

  it('names the conversation of which a row is not the relay’s', async () => {
    const key = await keyOf(ada.home);
    await whileClosed(() =>
      change(replicaOf(ada.home), key, `UPDATE message SET text = 'Forged' WHERE text = 'The second'`),
    );
    await ada.window.stands('Synced');
    await ada.window.chip.click();
    await state().getByRole('button', { name: 'Verify now' }).click();
    await state()
      .getByRole('status')
      .filter({ hasText: /problems? found$/ })
      .waitFor();
    const row = state().getByRole('listitem').filter({ hasText: 'A row of message is not the relay’s' });
    expect(await row.locator('bdi').first().textContent()).toBe('#general');
    expect(await barriers(ada.window.page)).toEqual([]);
  });

  it('tells of a copy that was made anew, where the old one is, until that was read', async () => {
    await scene.relay.kill();
    await ada.window.stands(/^Offline/);
    await ada.window.say('Written in the outage');
    // Besides the message there may be a mark of what was read.
    await ada.window.stands(/^Offline, \d+ queued$/);
    await whileClosed(() => overwrite(replicaOf(ada.home), 1));
    await noticed().getByText('The copy of this workspace on this computer was damaged').waitFor();
    await noticed()
      .getByText(/changes? you had not sent yet (was|were) kept\./)
      .waitFor();
    expect(existsSync((await noticed().locator('code').textContent()) ?? '')).toBe(true);
    expect(await barriers(ada.window.page)).toEqual([]);

    const told = JSON.parse(await scene.command(ada, 'sync', '--status', '--json'));
    expect(told).toMatchObject({ state: 'offline', notice: { found: 'damaged' } });
    expect(told.notice.saved).toBeGreaterThan(0);

    await scene.relay.start();
    await ada.window.syncNow();
    await ada.window.stands('Synced');
    await ada.window.message('Written in the outage').waitFor();
    await noticed().getByRole('button', { name: 'Got it' }).click();
    await noticed().waitFor({ state: 'detached' });
    await ada.window.page.reload();
    await ada.window.stands('Synced');
    expect(await noticed().count()).toBe(0);
    expect(JSON.parse(await scene.command(ada, 'sync', '--status', '--json'))).toMatchObject({
      state: 'synced',
      label: 'Synced',
      notice: null,
    });
  });
});
