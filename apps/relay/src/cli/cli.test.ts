import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportEntries, writeZip } from '../import/slack/testing/zip-writer.ts';
import { PASSWORD } from '../relay/testing.ts';
import { signInAt, TestDevice } from '../relay/testing-device.ts';

// Each test starts several processes, which on a busy machine take seconds each.
vi.setConfig({ testTimeout: 120_000 });

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const OWNER = 'ada@example.org';

let root: string;
let data: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  data = join(root, 'data');
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(root, { recursive: true });
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of the test, less any setting of the relay's somebody may have. */
const environment = (extra: Record<string, string> = {}) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'))),
  ...extra,
});

function launch(args: readonly string[], extra: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(extra), cwd: root });
  started.push(child);
  return child;
}

async function relay(args: readonly string[], input = '', extra: Record<string, string> = {}): Promise<Outcome> {
  const child = launch(args, extra);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

const init = (extra: readonly string[] = []) =>
  relay(
    ['init', '--data', data, '--workspace', 'Analytical', '--owner', OWNER, '--password-stdin', ...extra],
    `${PASSWORD}\n`,
  );
const addUser = (email: string, extra: readonly string[] = []) =>
  relay(
    ['user', 'add', '--data', data, '--email', email, '--name', 'Somebody', '--password-stdin', '--json', ...extra],
    PASSWORD,
  );

async function serve(extra: readonly string[] = []): Promise<{ child: ChildProcess; url: string }> {
  const child = launch(['serve', '--data', data, '--port', '0', ...extra]);
  child.stderr?.resume();
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout }))
    return { child, url: (JSON.parse(line) as { listening: string }).listening };
  throw new Error('serve ended before it listened');
}

const exported = () =>
  writeZip(
    join(root, 'export.zip'),
    exportEntries({
      'users.json': [
        {
          id: 'U1',
          name: 'grace',
          real_name: 'Grace Hopper',
          profile: { real_name: 'Grace Hopper', email: 'grace@example.org' },
        },
      ],
      'channels.json': [
        {
          id: 'C1',
          name: 'compilers',
          created: 1_500_000_000,
          creator: 'U1',
          members: ['U1'],
          topic: { value: '' },
          purpose: { value: '' },
        },
      ],
      'compilers/2017-07-14.json': [{ type: 'message', user: 'U1', text: 'A-0 is ready', ts: '1500000001.000100' }],
    }),
  );

describe('init', () => {
  it('makes a directory for its owner alone, with a workspace and #general', async () => {
    const { code, out, err } = await init(['--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      workspace: { name: 'Analytical' },
      owner: { email: OWNER },
      channel: { name: 'general' },
    });
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(readdirSync(data).sort()).toEqual(['relay.db', 'relay.lock', 'secret.key', 'ws']);
    for (const file of ['relay.db', 'relay.lock', 'secret.key'])
      expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
  });

  it('is refused where there is a workspace, with what to do; a second one is added otherwise', async () => {
    await init();
    const again = await init(['--json']);
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toMatch(/^parley-relay: .*holds the workspace "Analytical" already — .*workspace add/);
    const second = await relay(
      ['workspace', 'add', '--data', data, '--workspace', 'Difference', '--owner', OWNER, '--password-stdin', '--json'],
      PASSWORD,
    );
    expect(second.code).toBe(0);
    const unclear = await addUser('bob@example.org');
    expect(unclear.err).toMatch(/several workspaces — .*--workspace/);
    expect((await addUser('bob@example.org', ['--workspace', 'Difference'])).code).toBe(0);
  });

  it.each([
    [['--password-stdin'], 'short', /at least 10 characters — /],
    [['--password-stdin'], '', /no password came on standard input — /],
    [[], PASSWORD, /--password-stdin.* — see --help/],
  ])('with %j and the password %j is refused', async (flags, input, words) => {
    const { code, out, err } = await relay(
      ['init', '--data', data, '--workspace', 'W', '--owner', OWNER, ...flags],
      input,
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(words);
    expect(err.trim().split('\n')).toHaveLength(1);
    // Nothing was made that the next attempt would stumble over.
    expect((await init()).code).toBe(0);
  });
});

describe('a bad command line or setting', () => {
  it.each([
    [['frobnicate'], {}],
    [['serve', '--port', 'http'], {}],
    [['serve', '--port', '99999'], {}],
    [['serve', '--colour', 'red'], {}],
    [['serve'], { PARLEY_PORT: 'http' }],
    [['serve', '--log-level', 'loud'], {}],
    [['user', 'add', '--role', 'emperor'], {}],
  ])('%j %j is refused in one line, with a way out', async (args, extra) => {
    const { code, out, err } = await relay(args, '', extra as Record<string, string>);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^parley-relay: .+ — .+\n$/);
  });

  it('--help is an answer, not an error', async () => {
    const { code, out } = await relay(['serve', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--port');
  });
});

describe('a directory nobody made', () => {
  it.each([['serve'], ['user list']])('is refused by %s', async (command) => {
    const { code, out, err } = await relay([...command.split(' '), '--data', data]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/— make one with `init`/);
  });
});

describe('serve', () => {
  it('says where it listens in one line, serves, and ends well on SIGTERM', async () => {
    await init();
    const { child, url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const who = await signInAt(url, OWNER);
    const device = await TestDevice.connect(url);
    device.hello(who.token, who.device, who.workspaces[0]?.id ?? '', null);
    expect(await device.next('bye')).toMatchObject({ code: 'bootstrap_required' });
    const waiting = await TestDevice.connect(url);
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await waiting.next('bye')).toMatchObject({ code: 'shutdown' });
    expect(await gone).toEqual([0, null]);
    expect(existsSync(join(data, 'admin.sock'))).toBe(false);
  });

  it('on a directory that is served already is refused, and after a kill is not', async () => {
    await init();
    const { child } = await serve();
    const second = await relay(['serve', '--data', data, '--port', '0']);
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(/another relay serves .* — stop that one first/);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const { url } = await serve();
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
  });

  it('on a port that is taken says so', async () => {
    await init();
    const { url } = await serve();
    const other = join(root, 'other');
    await relay(['init', '--data', other, '--workspace', 'W', '--owner', OWNER, '--password-stdin'], PASSWORD);
    const { code, err } = await relay(['serve', '--data', other, '--port', new URL(url).port, '--log-level', 'silent']);
    expect(code).toBe(1);
    expect(err).toMatch(/port \d+ of 127\.0\.0\.1 is taken — choose another with --port/);
  });
});

describe('commands', () => {
  it('work while the directory is served, by the same words', async () => {
    await init();
    const before = await addUser('bob@example.org', ['--role', 'admin']);
    expect(JSON.parse(before.out)).toMatchObject({
      user: { handle: 'bob', email: 'bob@example.org', role: 'admin' },
      claimed: false,
    });
    const { url } = await serve();
    expect(statSync(join(data, 'admin.sock')).mode & 0o777).toBe(0o600);
    const during = await addUser('carol@example.org');
    expect({ code: during.code, err: during.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(during.out)).toMatchObject({ user: { handle: 'carol', role: 'member' } });
    expect((await signInAt(url, 'carol@example.org')).workspaces).toHaveLength(1);
    const again = await addUser('carol@example.org');
    expect(again.err).toMatch(/carol@example\.org is in the workspace "Analytical" already — /);
    const invitation = await relay([
      'invite',
      'create',
      '--data',
      data,
      '--channel',
      '#general',
      '--uses',
      '3',
      '--json',
    ]);
    const { url: link, maxUses } = JSON.parse(invitation.out) as { url: string; maxUses: number };
    expect(maxUses).toBe(3);
    expect(link.startsWith(`${url}/v1/invite/`)).toBe(true);
    expect(await (await fetch(link)).json()).toMatchObject({ workspace: { name: 'Analytical' }, role: 'member' });
    const list = await relay(['user', 'list', '--data', data, '--json']);
    expect((JSON.parse(list.out) as { users: { handle: string }[] }).users.map(({ handle }) => handle)).toEqual([
      'ada',
      'bob',
      'carol',
    ]);
  });

  it('give a new password, which ends every session of the account', async () => {
    await init();
    const { url } = await serve();
    const who = await signInAt(url, OWNER);
    const reset = (email: string, password: string) =>
      relay(['user', 'password', '--data', data, '--email', email, '--password-stdin', '--json'], password);
    expect((await reset('nobody@example.org', PASSWORD)).err).toMatch(/nobody signs in as "nobody@example\.org" — /);
    expect(JSON.parse((await reset(OWNER, 'an entirely new phrase')).out)).toEqual({ email: OWNER });
    expect(
      (await fetch(new URL('/v1/session', url), { headers: { Authorization: `Bearer ${who.token}` } })).status,
    ).toBe(401);
    await expect(signInAt(url, OWNER)).rejects.toThrow(/bad_credentials/);
  });

  it.each([[false], [true]])('import an export and hand a person of it to a sign-in (served: %s)', async (served) => {
    await init();
    const url = served ? (await serve()).url : null;
    const file = await exported();
    const dry = await relay(['import', 'slack', '--data', data, '--file', file, '--dry-run', '--json']);
    expect({ code: dry.code, report: JSON.parse(dry.out) as unknown }).toMatchObject({
      code: 0,
      report: { messages: 1, users: 1, channels: 1, dryRun: true },
    });
    // A relative path is the caller's, wherever the serving process was started.
    const real = await relay(['import', 'slack', '--data', data, '--file', 'export.zip', '--json']);
    expect(JSON.parse(real.out)).toMatchObject({
      messages: 1,
      threads: 0,
      replies: 0,
      reactions: 0,
      existing: 0,
      skipped: [],
    });
    if (served) expect(real.err).toMatch(/^1\/1 days, 1 messages \(C1 2017-07-14\)$/m);
    const claimed = await addUser('grace@navy.example', ['--claim', 'grace']);
    expect({ code: claimed.code, err: claimed.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(claimed.out)).toMatchObject({
      user: { handle: 'grace', email: 'grace@navy.example' },
      claimed: true,
    });
    expect((await addUser('other@navy.example', ['--claim', 'grace'])).err).toMatch(/grace has a sign-in already — /);
    expect((await addUser('other@navy.example', ['--claim', 'nobody'])).err).toMatch(
      /nobody called nobody.* — `user list`/,
    );
    if (url) expect((await signInAt(url, 'grace@navy.example')).workspaces).toHaveLength(1);
  });

  it('say what is wrong with an export', async () => {
    await init();
    writeFileSync(join(root, 'export.zip'), 'not a zip');
    const { code, out, err } = await relay(['import', 'slack', '--data', data, '--file', 'export.zip', '--json']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^parley-relay: the export can't be read: .+ — .+\n$/);
  });

  it('are not taken from one who can reach the socket but not read the secret', async () => {
    await init();
    await serve();
    const socket = connect(join(data, 'admin.sock'));
    const lines: string[] = [];
    for await (const line of createInterface({ input: socket })) {
      lines.push(line);
      if (lines.length === 1)
        socket.write(`${JSON.stringify({ proof: 'x'.repeat(43), command: 'user.list', args: {} })}\n`);
    }
    expect(JSON.parse(lines[0] ?? '')).toEqual({ challenge: expect.stringMatching(/^[\w-]{43}$/) });
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ error: { what: 'the request was refused' } });
    expect((await relay(['user', 'list', '--data', data])).code).toBe(0);
  });
});
