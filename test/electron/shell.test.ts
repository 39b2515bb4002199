import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, eventually, launch } from './launch.ts';

/**
 * The built main process and preload script, over the double, with a page and a host that are test pieces: they show
 * what the shell promises them. The whole app is in app.test.ts.
 */

const desktop = resolve(import.meta.dirname, '../../apps/desktop');

const PAGE = `<!doctype html><title>Test page</title><script src="/page.js"></script>
<script>window.inlineRan = true</script>
<a id="out" href="https://example.com/away">out</a><a id="bad" href="file:///etc/passwd">bad</a>
<a id="new" href="https://example.com/new" target="_blank">new</a>`;

/** Keeps the newest port, and what came over each. */
const SCRIPT = `window.got = []; window.ports = []; window.closes = 0;
try { eval('1'); } catch (error) { window.evalError = error.name; }
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data?.type !== 'parley:port') return;
  const port = event.ports[0];
  window.ports.push(port);
  port.onmessage = ({ data }) => window.got.push(data);
  port.addEventListener('close', () => { window.closes++; });
});
window.parley.connect();`;

/** Answers every call with its arguments and its own process id. */
const HOST = `process.parentPort.on('message', ({ data, ports }) => {
  if (data === 'stop') process.exit(0);
  for (const port of ports) {
    port.on('message', ({ data }) => port.postMessage({ id: data.id, ok: { args: data.args, pid: process.pid, argv: process.argv.slice(2) } }));
    port.start();
  }
});`;

interface Got {
  readonly id: number;
  readonly ok: { readonly args: unknown; readonly pid: number; readonly argv: readonly string[] };
}

let dir = '';
let main = '';
let app: App;
let page: Page;
let home = '';

beforeAll(async () => {
  execFileSync(process.execPath, [join(desktop, 'build.ts'), 'main', 'preload'], { stdio: 'inherit' });
  dir = await mkdtemp(join(tmpdir(), 'parley-electron-'));
  for (const part of ['main', 'preload']) await cp(join(desktop, 'dist', part), join(dir, part), { recursive: true });
  for (const [file, text] of [
    ['renderer/index.html', PAGE],
    ['renderer/page.js', SCRIPT],
    ['host/host.js', HOST],
    ['package.json', '{"type":"module"}'],
  ] as const) {
    await mkdir(resolve(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  main = join(dir, 'main/main.js');
  home = join(dir, 'home');
  app = launch(main, ['--home', home], join(dir, 'data'));
  page = await app.page();
  await until(page, 'window.ports?.length === 1');
});
afterAll(async () => {
  await app.close();
  await rm(dir, { recursive: true });
});

/** Waits for an expression to be true. Playwright's own way evaluates in the page, where the policy forbids it. */
const until = (of: Page, expression: string) =>
  eventually(expression, async () => ((await of.evaluate(expression)) === true ? true : null));

const opened = () => app.ask({ ask: 'records', name: 'opened' });

async function call(id: number): Promise<Got> {
  await page.evaluate(`window.ports.at(-1).postMessage({ id: ${id}, call: 'presence', args: { state: 'away' } })`);
  return eventually('an answer', async () => {
    const got = (await page.evaluate('window.got')) as Got[];
    return got.find((message) => message.id === id) ?? null;
  });
}

describe('the desktop shell', () => {
  it('opens its window on app://parley, sandboxed and isolated', async () => {
    expect(await app.records('loads')).toEqual(['app://parley/']);
    expect(await app.records('sandbox')).toEqual([true]);
    expect(await app.records('windows')).toMatchObject([
      {
        webPreferences: {
          contextIsolation: true,
          sandbox: true,
          nodeIntegration: false,
          nodeIntegrationInWorker: false,
          nodeIntegrationInSubFrames: false,
          webSecurity: true,
          webviewTag: false,
        },
      },
    ]);
    expect(await app.records('schemes')).toMatchObject([
      [{ scheme: 'app', privileges: { standard: true, secure: true } }],
    ]);
  });

  it('gives the page a policy under which nothing inline runs', async () => {
    expect(await page.title()).toBe('Test page');
    expect(await page.evaluate('window.inlineRan')).toBeUndefined();
    expect(await page.evaluate('window.evalError')).toBe('EvalError');
  });

  it('gives the page a way to the engine and nothing of Electron or Node', async () => {
    expect(await page.evaluate('Object.keys(window.parley).sort()')).toEqual(['connect', 'platform', 'shell']);
    expect(await page.evaluate('window.parley.shell')).toBe('electron');
    expect(
      await page.evaluate('[typeof require, typeof process, typeof electronDouble, Object.isFrozen(window.parley)]'),
    ).toEqual(['undefined', 'undefined', 'undefined', true]);
  });

  it('connects the page to the host of its home', async () => {
    const got = await call(1);
    expect(got.ok.args).toEqual({ state: 'away' });
    expect(got.ok.argv).toEqual(['--home', home]);
  });

  it('starts a crashed host again and hands the page a new port', async () => {
    const before = await call(2);
    await app.ask({ ask: 'crash-host', pid: before.ok.pid });
    await until(page, 'window.ports.length === 2 && window.closes === 1');
    const after = await call(3);
    expect(after.ok.pid).not.toBe(before.ok.pid);
  });

  it('connects the page again after a reload', async () => {
    await page.reload();
    await until(page, 'window.ports?.length === 1');
    expect((await call(4)).ok.args).toEqual({ state: 'away' });
  });

  it('answers only for its own files', async () => {
    const status = (path: string) =>
      page.evaluate(`fetch(${JSON.stringify(path)}).then((answer) => answer.status, () => 'refused')`);
    expect(await status('/page.js')).toBe(200);
    expect(await status('/..%2fmain%2fmain.js')).toBe(404);
    expect(await status('/%2e%2e/main/main.js')).toBe(404);
    expect(await status('https://example.com/')).toBe('refused');
  });

  it('stays on its page: web links open in the browser, others nowhere', async () => {
    await page.click('#out');
    expect(await app.records('navigations')).toContainEqual({ url: 'https://example.com/away', prevented: true });
    await app.records('opened', 1);
    await page.click('#new');
    await app.records('popups', 1);
    await page.evaluate("window.open('javascript:alert(1)'); location.href = 'https://example.com/by-script'");
    await app.records('opened', 3);
    await page.click('#bad').catch(() => {});
    expect(await opened()).toEqual([
      'https://example.com/away',
      'https://example.com/new',
      'https://example.com/by-script',
    ]);
    expect(await page.title()).toBe('Test page');
  });

  it('denies permissions but the two it needs, and those to others', async () => {
    const asked = (permission: string, url = 'app://parley/') => app.ask({ ask: 'permission', permission, url });
    for (const permission of ['media', 'geolocation', 'usb', 'openExternal', 'clipboard-read'])
      expect(await asked(permission), permission).toEqual({ granted: false, checked: false, device: false });
    expect(await asked('notifications')).toEqual({ granted: true, checked: true, device: false });
    expect(await asked('notifications', 'https://example.com/')).toEqual({
      granted: false,
      checked: false,
      device: false,
    });
  });

  it('has the menus every app has', async () => {
    const [menu] = (await app.records('menus')) as readonly { readonly role?: string; readonly label?: string }[][];
    expect(menu?.map((item) => item.role ?? item.label)).toEqual(['fileMenu', 'editMenu', 'View', 'windowMenu']);
  });

  it('shows the first instance’s window when a second is started, which ends', async () => {
    await app.ask({ ask: 'minimize' });
    const second = launch(main, ['--home', home], join(dir, 'data'));
    expect(await second.exited).toBe(0);
    await app.records('focused');
    expect(await app.records('restored')).toEqual([true]);
    expect(await app.records('windows')).toHaveLength(1);
  });

  it('runs beside an instance of another home', async () => {
    const other = launch(main, ['--home', join(dir, 'other')], join(dir, 'data'));
    const otherPage = await other.page();
    await until(otherPage, 'window.ports?.length === 1');
    await other.ask({ ask: 'quit' });
    expect(await other.exited).toBe(0);
  });

  it('keeps where its window was, ends its host and quits when the window is closed', async () => {
    const pid = (await call(9)).ok.pid;
    await app.ask({ ask: 'close-window' });
    expect(await app.exited).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    const state = JSON.parse(await readFile(join(home, 'window/window.json'), 'utf8'));
    expect(state).toEqual({ bounds: { x: 10, y: 20, width: 1280, height: 800 }, maximized: false });
  });
});
