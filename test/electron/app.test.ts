import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Host, openHost } from '@parley/desktop/host';
import type { EngineClient } from '@parley/sync/engine';
import type { ChannelId, MessageView, WorkspaceId } from '@parley/sync/model';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedExport } from '../../scripts/demo/generated-export.ts';
import { type App, eventually, launch } from './launch.ts';

/** The whole desktop app as it is built, over the double: relay, engine process, page. */

const root = resolve(import.meta.dirname, '../..');
const PASSWORD = 'correct horse battery';

let dir = '';
let app: App;
let page: Page;
let ben: Host;
const cleanups: (() => unknown)[] = [];

function relay(args: readonly string[], input = PASSWORD): string {
  return execFileSync(process.execPath, [join(root, 'apps/relay/src/main.ts'), ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

async function serve(data: string): Promise<string> {
  const child = spawn(
    process.execPath,
    [join(root, 'apps/relay/src/main.ts'), 'serve', '--data', data, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  cleanups.push(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = await once(child.stdout, 'data');
  return JSON.parse(String(line)).listening;
}

async function signIn(home: string, url: string, email: string): Promise<Host> {
  const host = await openHost({ home });
  await host.client().call('account.login', { relay: url, email, password: PASSWORD });
  return host;
}

interface Place {
  readonly ws: WorkspaceId;
  readonly ch: ChannelId;
}

async function general(client: EngineClient): Promise<Place> {
  return eventually('#general', async () => {
    const [workspace] = await client.once('workspaces', {});
    if (!workspace) return null;
    const { conversations } = await client.once('sidebar', { ws: workspace.id });
    const channel = conversations.find((conversation) => conversation.name === 'general');
    return channel ? { ws: workspace.id, ch: channel.id } : null;
  });
}

/** The message with `text` as another person sees it. */
async function seen(client: EngineClient, place: Place, text: string): Promise<MessageView> {
  return new Promise((found) => {
    const stop = client.watch(
      'timeline',
      { ...place, anchor: { at: 'latest' }, before: 20, after: 0 },
      ({ messages }) => {
        const message = messages.find((each) => each.text === text && each.pending === null);
        if (!message) return;
        queueMicrotask(() => stop());
        found(message);
      },
    );
  });
}

const composer = () => page.getByRole('combobox', { name: 'Message #general' });

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'apps/desktop/build.ts')], { stdio: 'inherit' });
  dir = await mkdtemp(join(tmpdir(), 'parley-app-'));
  cleanups.push(() => rm(dir, { recursive: true }));
  const data = join(dir, 'relay');
  relay(['init', '--data', data, '--workspace', 'Test', '--owner', 'owner@test.example', '--password-stdin']);
  await writeFile(join(dir, 'export.zip'), generatedExport());
  relay(['import', 'slack', '--data', data, '--file', join(dir, 'export.zip'), '--json'], '');
  for (const name of ['ada', 'ben'])
    relay([
      'user',
      'add',
      '--data',
      data,
      '--email',
      `${name}@test.example`,
      '--name',
      name,
      '--claim',
      name,
      '--password-stdin',
    ]);
  const url = await serve(data);
  await (await signIn(join(dir, 'ada'), url, 'ada@test.example')).close();
  ben = await signIn(join(dir, 'ben'), url, 'ben@test.example');
  cleanups.push(() => ben.close());
  app = launch(join(root, 'apps/desktop/dist/main/main.js'), ['--home', join(dir, 'ada')], join(dir, 'data'));
  cleanups.push(() => app.close());
  page = await app.page();
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

describe('the desktop app', () => {
  it('shows the workspace of its home', async () => {
    await page.getByRole('button', { name: 'general', exact: true }).click();
    await composer().waitFor();
    expect(await page.evaluate('typeof require')).toBe('undefined');
  });

  it('sends what is typed to the other person, and shows what they answer', async () => {
    const place = await general(ben.client());
    await composer().fill('Typed in the desktop app');
    await page.keyboard.press('Enter');
    expect((await seen(ben.client(), place, 'Typed in the desktop app')).name).toBe('ada');
    await ben.client().call('message.send', { ...place, text: 'Read there too' });
    await page.getByText('Read there too').first().waitFor();
  });

  it('goes on after its engine crashed', async () => {
    const place = await general(ben.client());
    const [pid] = await app.records('hosts');
    await app.ask({ ask: 'crash-host', pid: Number(pid) });
    await app.records('hosts', 2);
    await composer().fill('After the crash');
    await page.keyboard.press('Enter');
    await seen(ben.client(), place, 'After the crash');
    await page.getByText('After the crash').first().waitFor();
    await ben.client().call('message.send', { ...place, text: 'Still here' });
    await page.getByText('Still here').first().waitFor();
  });

  it('breaks none of the policy it runs under', async () => {
    const broken = await page.evaluate(`new Promise((resolve) => {
      const found = [];
      new ReportingObserver((reports) => found.push(...reports.map((report) => report.body.blockedURL)), { buffered: true, types: ['csp-violation'] }).observe();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(found)));
    })`);
    expect(broken).toEqual([]);
  });
});
