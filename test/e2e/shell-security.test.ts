import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Person, Scene } from './harness/scene.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const UPGRADE = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

describe('the browser shell', () => {
  let scene: Scene;
  let ada: Person;
  let cookie = '';

  beforeAll(async () => {
    scene = await Scene.open();
    ada = await scene.join('Ada');
    cookie = (await ada.window.page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  });
  beforeEach(() => scene.explainFailure());
  afterEach(() => scene.expectQuietConsoles());
  afterAll(() => scene?.close());

  /** What someone else on this machine, or a page of theirs, would be told. */
  async function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
    const asked = request({ host: '127.0.0.1', port: ada.shell.port, path, method, headers });
    asked.end();
    const answered = await Promise.race([
      once(asked, 'response').then(([response]) => response),
      once(asked, 'upgrade').then(([response, socket]) => {
        socket.destroy();
        return response;
      }),
    ]);
    let body = '';
    if (answered.statusCode !== 101) for await (const chunk of answered) body += chunk;
    return { status: answered.statusCode, headers: answered.headers, body };
  }

  it('keeps its session in a cookie no script and no other site can use', async () => {
    const [session, ...more] = await ada.window.page.context().cookies();
    expect(more).toEqual([]);
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', domain: '127.0.0.1' });
    expect(await ada.window.page.evaluate('document.cookie')).toBe('');
    expect(ada.window.page.url()).not.toContain('t=');
  });

  it('lets nobody in without a session, nor with a ticket that was used', async () => {
    expect(await ask('/')).toMatchObject({ status: 403 });
    const used = new URL(ada.shell.address);
    const again = await ask(`${used.pathname}${used.search}`);
    expect(again).toMatchObject({ status: 403, body: expect.stringContaining('used before') });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect((await ask('/?t=guessed')).status).toBe(403);
    const stranger = await scene.stranger();
    await stranger.page.goto(ada.shell.address);
    await stranger.page.getByText('This address was used before').waitFor();
    await stranger.close();
    // A person who reloads the printed address is no stranger.
    await ada.window.page.goto(ada.shell.address);
    await ada.window.sidebar.waitFor();
  });

  it('answers to its own name and its own page alone', async () => {
    const own = `127.0.0.1:${ada.shell.port}`;
    expect((await ask('/', { cookie, host: own })).status).toBe(200);
    for (const host of [
      'evil.example',
      `evil.example:${ada.shell.port}`,
      '127.0.0.1',
      `127.0.0.1.nip.io:${ada.shell.port}`,
    ])
      expect((await ask('/', { cookie, host })).status, host).toBe(403);
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', `https://${own}`])
      expect((await ask('/', { cookie, host: own, origin })).status, origin).toBe(403);
    expect((await ask('/', { cookie, host: own }, 'POST')).status).toBe(403);
  });

  it('connects only its own page to the engine', async () => {
    const host = `127.0.0.1:${ada.shell.port}`;
    const origin = `http://${host}`;
    expect((await ask('/engine', { ...UPGRADE, host, origin, cookie })).status).toBe(101);
    expect((await ask('/engine', { ...UPGRADE, host, origin })).status).toBe(403);
    expect((await ask('/engine', { ...UPGRADE, host, cookie })).status).toBe(403);
    expect((await ask('/engine', { ...UPGRADE, host, origin: 'https://evil.example', cookie })).status).toBe(403);
    expect(
      (await ask('/engine', { ...UPGRADE, host: 'evil.example', origin: 'http://evil.example', cookie })).status,
    ).toBe(403);
  });

  it('serves nothing but the window', async () => {
    const host = `127.0.0.1:${ada.shell.port}`;
    for (const path of ['/../package.json', '/%2e%2e/main/main.js', '/..%2f..%2fpackage.json', '/.stamp', '/nothing'])
      expect((await ask(path, { cookie, host })).status, path).toBe(404);
  });

  it('forbids in its policy what the window does not need, and the browser holds to it', async () => {
    const { headers } = await ask('/', { cookie });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    const { page } = ada.window;
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.ranInline = true';
      document.body.append(script);
    }`);
    expect(await page.evaluate('window.ranInline === undefined')).toBe(true);
    expect(await page.evaluate(`fetch('https://elsewhere.example/').then(() => 'went', () => 'refused')`)).toBe(
      'refused',
    );
    const complaints = ada.window.takeErrors();
    expect(complaints.length).toBeGreaterThan(0);
    for (const complaint of complaints) expect(complaint).toMatch(/Content Security Policy|Refused to connect/);
  });

  it('draws what a message says and runs none of it', async () => {
    const hostile = [
      '<img src=x onerror="window.pwned=1">',
      '[click](javascript:window.pwned=1) <script>window.pwned=1</script>',
      '![x](https://elsewhere.example/track.png)',
    ];
    for (const text of hostile) await ada.window.say(text);
    await ada.window.message('onerror=').waitFor();
    await ada.window.message('<script>').waitFor();
    expect(await ada.window.conversation.locator('article script, article img').count()).toBe(0);
    expect(await ada.window.conversation.locator('a[href^="javascript:"]').count()).toBe(0);
    expect(await ada.window.page.evaluate('window.pwned === undefined')).toBe(true);
  });

  it('never scrolls sideways, however narrow the window and long the word', async () => {
    await ada.window.say(`${'unbroken'.repeat(60)}\n\`\`\`\n${'code '.repeat(80)}\n\`\`\``);
    await ada.window.message('unbroken').waitFor();
    const widest = `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - window.innerWidth`;
    await ada.window.act(ada.window.message('unbroken'), 'Reply in thread');
    await ada.window.pane('Thread').waitFor();
    for (const width of [1280, 900, 700, 400]) {
      await ada.window.page.setViewportSize({ width, height: 700 });
      await expect.poll(() => ada.window.page.evaluate(widest), { message: `at ${width} px` }).toBeLessThanOrEqual(0);
    }
    await ada.window.page.keyboard.press('Control+.');
    await ada.window.pane('Thread').waitFor({ state: 'detached' });
    for (const width of [700, 400]) {
      await ada.window.page.setViewportSize({ width, height: 700 });
      await expect.poll(() => ada.window.page.evaluate(widest), { message: `at ${width} px` }).toBeLessThanOrEqual(0);
      await ada.window.composer.waitFor();
    }
  });
});
