import type { Locator } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { history, MESSAGES, saying } from './harness/history.ts';
import { PATIENCE, type Person, Scene } from './harness/scene.ts';

/** A firm turn of the wheel. */
const WHEEL_PX = 600;

describe('search in an imported workspace', () => {
  let scene: Scene;
  let ben: Person;

  beforeAll(async () => {
    scene = await Scene.open({ archive: history() });
    ben = await scene.join('Ben', 'ben');
    await ben.window.open('watch');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  const field = () => ben.window.pane('Search').getByRole('textbox', { name: 'Search messages' });
  const hits = () => ben.window.pane('Search').locator('[data-hit]');

  it('opens at the newest message, without the old ones on screen', async () => {
    await ben.window.message(saying(MESSAGES)).waitFor();
    expect(await ben.window.message(saying(3)).count()).toBe(0);
  });

  it('finds while one types, and marks what was found', async () => {
    await ben.window.page.keyboard.press('Control+g');
    await field().pressSequentially('lobs');
    await expect.poll(() => hits().first().locator('mark').textContent(), PATIENCE).toMatch(/^lobs/i);
    const lobsters = Array.from({ length: MESSAGES }, (_, n) => saying(n + 1)).filter((text) => /lobster/.test(text));
    await ben.window.pane('Search').getByText(`${lobsters.length} messages`).waitFor();
    await field().pressSequentially('ter buoy12');
    const found = [12, 124].filter((n) => saying(n).includes('lobster'));
    await expect.poll(() => hits().count(), PATIENCE).toBe(found.length);
    expect(await hits().first().locator('mark').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/lobster/i), expect.stringMatching(/^buoy12/)]),
    );
    await field().fill('cormorant walrus');
    await ben.window.pane('Search').getByText('Nothing found for “cormorant walrus”.').waitFor();
  });

  it('jumps to an old message, and back to the latest', async () => {
    await field().fill('buoy3');
    const old = hits()
      .filter({ hasText: saying(3) })
      .first();
    await field().fill(saying(3).replace(':', ''));
    await old.click();
    const message = ben.window.message(saying(3));
    await message.waitFor();
    await expect.poll(() => isInSight(message), PATIENCE).toBe(true);
    for (const n of [2, 4]) await ben.window.message(saying(n)).waitFor();
    expect(await ben.window.message(saying(MESSAGES)).count()).toBe(0);

    await ben.window.conversation.getByRole('button', { name: 'Jump to latest' }).click();
    const newest = ben.window.message(saying(MESSAGES));
    await newest.waitFor();
    await expect.poll(() => isInSight(newest), PATIENCE).toBe(true);
    await expect
      .poll(() => ben.window.conversation.getByRole('button', { name: 'Jump to latest' }).count(), PATIENCE)
      .toBe(0);
  });

  it('opens the thread of a reply', async () => {
    await field().fill('cormorant');
    await hits().filter({ hasText: 'cormorant' }).click();
    await ben.window.message('Are you sure it was no cormorant?', ben.window.pane('Thread')).waitFor();
    await ben.window.message(saying(5)).waitFor();
  });

  it('scrolls back through everything, page by page, in order', async () => {
    await ben.window.conversation.getByRole('button', { name: 'Jump to latest' }).click();
    await ben.window.message(saying(MESSAGES)).waitFor();
    await ben.window.conversation.getByRole('feed').hover();
    const beginning = ben.window.conversation.getByText('This is the beginning of #watch.');
    const seen = new Set<number>();
    await expect
      .poll(
        async () => {
          const numbers = (await ben.window.transcript()).map(([, text]) => Number(/^Sighting (\d+)/.exec(text)?.[1]));
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          for (const number of numbers) seen.add(number);
          // As a wheel does it: less than a screen at a time, so that nothing is passed over unseen.
          await ben.window.page.mouse.wheel(0, -WHEEL_PX);
          return beginning.count();
        },
        { ...PATIENCE, interval: 30 },
      )
      .toBe(1);
    for (const [, text] of await ben.window.transcript()) seen.add(Number(/^Sighting (\d+)/.exec(text)?.[1]));
    expect(seen.size).toBe(MESSAGES);
  });
});

interface Box {
  readonly y: number;
  readonly height: number;
}

/** Whether the message stands inside the list it belongs to. */
async function isInSight(message: Locator): Promise<boolean> {
  const [box, feed] = (await Promise.all([
    message.boundingBox(),
    message.page().getByRole('main').getByRole('feed').boundingBox(),
  ])) as readonly (Box | null)[];
  return Boolean(box && feed && box.y >= feed.y - 1 && box.y + box.height <= feed.y + feed.height + 1);
}
