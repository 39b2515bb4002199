import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, longReplica, THREAD_ROOT } from '../../testing/long-replica.ts';
import { FAMILY, LONG, message, nastyReplica, SCRIPT } from '../../testing/nasty-replica.ts';
import type { ReplicaHome } from '../../testing/replica-home.ts';
import { runProgram } from '../../testing/run-program.ts';

async function exportPages(home: ReplicaHome): Promise<string> {
  const directory = join(home.directory, 'pages');
  const { code, stderr } = await runProgram(['--home', home.home, 'export', '--format', 'html', '--to', directory]);
  expect(code, stderr).toBe(0);
  return directory;
}

const pagesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html'))
    .map((path) => join(directory, path));

describe('pages of a replica', () => {
  let home: ReplicaHome;
  let directory: string;
  let browser: Browser;
  let page: Page;
  /** What no page of an export may ever do. */
  const done: string[] = [];

  beforeAll(async () => {
    home = await nastyReplica();
    directory = await exportPages(home);
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    page = await browser.newPage();
    page.on('console', (said) => done.push(`console: ${said.text()}`));
    page.on('pageerror', (error) => done.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      done.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file://')) done.push(`request: ${request.url()}`);
    });
  });
  afterAll(async () => {
    await browser?.close();
    home?.remove();
  });

  const open = (path: string) => page.goto(pathToFileURL(path).href);
  const general = () => open(join(directory, 'conversations/general/index.html'));

  it('run nothing, fetch nothing, and show what was written as it was written', async () => {
    for (const path of pagesIn(directory)) {
      await open(path);
      expect(
        await page.locator('script, iframe, object, embed, form, [onerror], [onclick], [onmouseover]').count(),
      ).toBe(0);
    }
    await general();
    expect(await page.locator(`#m-${message(1)} .markdown`).textContent()).toBe(SCRIPT);
    expect(await page.locator(`#m-${message(6)} .markdown`).textContent()).toBe(LONG.trimEnd());
    expect(await page.locator(`#m-${message(4)} .name`).textContent()).toBe(`${FAMILY} Family`);
    expect(await page.locator(`#m-${message(5)} .markdown`).textContent()).toContain('zero \ufffd and escape');
    expect(done).toEqual([]);
  });

  it('are drawn with their own styles and pictures', async () => {
    await general();
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
    await page
      .locator(`#m-${message(4)} img.emoji`)
      .first()
      .scrollIntoViewIfNeeded();
    const widths = `[...document.querySelectorAll('#m-${message(4)} img.emoji')].map((each) => each.naturalWidth)`;
    await expect.poll(() => page.evaluate(widths)).toEqual([1, 1]);
    expect(done).toEqual([]);
  });

  it('lead only to what is there', async () => {
    for (const path of pagesIn(directory)) {
      await open(path);
      const hrefs = (await page.evaluate(
        `[...document.querySelectorAll('a[href], link[href]')].map((each) => each.href)`,
      )) as string[];
      expect(hrefs.length).toBeGreaterThan(1);
      for (const href of hrefs) {
        const { protocol, hash } = new URL(href);
        if (protocol === 'https:') continue;
        const target = fileURLToPath(href.replace(/#.*/, ''));
        expect(target.startsWith(directory), href).toBe(true);
        expect(existsSync(target), href).toBe(true);
        if (hash) expect(readFileSync(target, 'utf8')).toContain(`id="${hash.slice(1)}"`);
      }
    }
  });

  it('have mentions, reactions, threads, edits and notes in their places', async () => {
    await general();
    const text = (selector: string) => page.locator(selector).textContent();
    expect(await text(`#m-${message(2)} .mention.mine`)).toBe('@Ada');
    expect(await page.locator(`#m-${message(2)} a.mention`).getAttribute('href')).toBe(
      '../../conversations/same/index.html',
    );
    expect(await text(`#m-${message(7)} .thread #m-${message(8)} .markdown`)).toBe('a reply, harbour');
    expect(await text(`#m-${message(9)} .tombstone`)).toBe('This message was deleted.');
    expect(await page.locator(`#h-${message(10)} .marks a`).getAttribute('href')).toBe(`#m-${message(7)}`);
    expect(
      await page
        .locator(`#m-${message(7)} .reaction`)
        .first()
        .getAttribute('title'),
    ).toBe('Ada, Bob <script>alert(1)</script> "quoted" \'single\' <img src=x o, Unknown person reacted with 👍');
    expect(await page.locator(`#m-${message(7)} .file a`).count()).toBe(1);
    await page.getByText('Show edits').click();
    expect(await text(`#m-${message(3)} .former`)).toContain(`was ${SCRIPT} @Ada`);
    expect(await text(`#m-${message(13)}`)).toContain(`set the topic: ${SCRIPT}`);
    expect(await text(`#m-${message(15)} .name`)).toBe('<b>CI</b>');
  });

  it('keep nobody out, in the light and in the dark, on a telephone as on a desk', async () => {
    const barriers: string[] = [];
    for (const name of ['index.html', 'people.html', 'yours.html', 'conversations/general/index.html']) {
      const path = join(directory, name);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await open(path);
        await page.evaluate(axe.source);
        const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as axe.AxeResults;
        barriers.push(...violations.map(({ id, nodes }) => `${colorScheme} ${path}: ${id}: ${nodes[0]?.html}`));
      }
      await page.setViewportSize({ width: 340, height: 700 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(340);
      await page.setViewportSize({ width: 1280, height: 800 });
    }
    expect(barriers).toEqual([]);
  });
});

describe('a long conversation', () => {
  it('goes over pages that lead from one to the next, each message on one of them', async () => {
    const home = await longReplica(1_200, 750);
    try {
      const conversation = join(await exportPages(home), 'conversations/long');
      const read = (file: string): string => readFileSync(join(conversation, file), 'utf8');
      const linked = (html: string, rel: string): string | undefined =>
        new RegExp(`<a rel="${rel}" href="([^"]+)"`).exec(html)?.[1];
      const walk = (first: string): { files: string[]; ids: string[] } => {
        const [files, ids]: [string[], string[]] = [[], []];
        for (let file: string | undefined = first; file; file = linked(read(file), 'next')) {
          const before = files.at(-1);
          expect(linked(read(file), 'prev')).toBe(before);
          files.push(file);
          const messages = read(file).split('id="messages"')[1] ?? '';
          ids.push(...[...messages.matchAll(/<article class="[^"]*" id="m-([^"]+)"/g)].map(([, id = '']) => id));
        }
        return { files, ids };
      };
      const main = walk('2026-01.html');
      // The last has the one reply of another month.
      expect(main.files.length).toBe(4);
      expect(main.ids).toEqual(Array.from({ length: 1_200 }, (_, at) => idOf(at + 1)));
      // The reply that was also sent to the conversation leads back to the page its thread began on.
      expect(read(main.files.at(-1) ?? '')).toContain(`href="2026-01.html#m-${THREAD_ROOT}"`);

      const thread = walk(`thread-${THREAD_ROOT}.html`);
      expect(thread.files.length).toBe(2);
      const replies = Array.from({ length: 750 }, (_, at) => idOf(1_201 + at));
      expect(thread.ids).toEqual([THREAD_ROOT, ...replies.slice(0, 500), THREAD_ROOT, ...replies.slice(500)]);

      const listed = [...read('index.html').matchAll(/class="name" href="([^"]+)"/g)].map(([, file]) => file);
      expect(listed).toEqual([...main.files].reverse());
      expect(read('2026-01.html')).toContain(`href="thread-${THREAD_ROOT}.html">750 replies`);
      expect(dirname(conversation).endsWith('conversations')).toBe(true);
    } finally {
      home.remove();
    }
  });
});
