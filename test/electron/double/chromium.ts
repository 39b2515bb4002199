import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type Request } from 'playwright';
import { toMain } from './address.ts';
import { answerRequest } from './session.ts';

/** Where Chromium is; Debian's by default. */
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** The windows' pages, by what to ask before they navigate. */
const navigations = new Map<Page, (url: string) => boolean>();

async function start(): Promise<{ readonly context: BrowserContext; readonly port: number }> {
  const profile = mkdtempSync(join(tmpdir(), 'parley-electron-double-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    // Tests run as root in containers, where Chromium's sandbox can't be set up; the port lets the test see the pages.
    args: ['--no-sandbox', '--remote-debugging-port=0', '--disable-background-networking'],
  });
  await context.route('**/*', async (route) => {
    const request = route.request();
    const url = toMain(request.url());
    const page = pageOf(request);
    const ask = page && navigations.get(page);
    if (!ask) return route.abort();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame() && !ask(url))
      return route.abort('aborted');
    const response = await answerRequest(url, request.method());
    if (!response) return route.abort('blockedbyclient');
    return route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  });
  const port = Number(readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0]);
  return { context, port };
}

/** A request of a page that is just opening has no frame yet. */
function pageOf(request: Request): Page | null {
  try {
    return request.frame().page();
  } catch {
    return null;
  }
}

let started: ReturnType<typeof start> | null = null;
const running = (): ReturnType<typeof start> => {
  started ??= start();
  return started;
};

export const startChromium = running;

export async function newPage(mayNavigate: (url: string) => boolean): Promise<Page> {
  const { context } = await running();
  const page = await context.newPage();
  navigations.set(page, mayNavigate);
  return page;
}

export async function stopChromium(): Promise<void> {
  if (started) await (await started).context.close();
}
