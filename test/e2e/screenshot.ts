import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pictureWorkspace, TAKEN_AT } from './harness/picture-workspace.ts';
import { Scene } from './harness/scene.ts';

/** Takes the README's picture of the window: `node test/e2e/screenshot.ts [FILE]`. */

const file = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../../docs/images/window.png'));

const scene = await Scene.open({
  archive: pictureWorkspace(),
  workspace: 'Lighthouse',
  owner: 'Operator',
  size: { width: 1440, height: 900 },
});
try {
  const ada = await scene.arrive('Ada Okafor', 'ada');
  const { window } = ada;
  const { page } = window;
  await page.clock.setFixedTime(TAKEN_AT);
  await page.reload();
  await window.signIn(scene.relay.url, ada.account);
  await window.stands('Synced');
  // What was imported counts as read; a few conversations wait again.
  for (const name of ['design', 'random', 'Ben Lindqvist']) {
    await window.open(name);
    await window.choose(window.conversation.locator('article[data-message]').last(), 'Mark unread from here');
    await window.row(name).getByText('unread').waitFor({ state: 'attached' });
  }
  await window.open('release-2-4');
  await window.conversation.getByRole('button', { name: /5 replies/ }).click();
  await window.message('Then I have nothing left.', window.pane('Thread')).waitFor();
  await window.stands('Synced');
  await window.composer.focus();
  await page.mouse.move(0, 0);
  await page.evaluate('document.fonts.ready');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  console.log(file);
} finally {
  await scene.close();
}
