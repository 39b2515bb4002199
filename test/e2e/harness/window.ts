import type { Browser, BrowserContext, Locator, Page } from 'playwright';
import type { Account } from './relay.ts';

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

/** Tall enough that what a test writes is all on screen: a virtual list draws no more than that. */
const TALL: WindowSize = { width: 1280, height: 1600 };

/** Nothing a person does here takes longer, and a test that waits in vain shall say for what. */
const WAIT_MS = 15_000;

/** What was pointed at stands still again after this. */
const POINT_MS = 2_000;
const POINT_ATTEMPTS = 4;

/** One line of a conversation: the message's id and what it says. */
export type Line = readonly [id: string, text: string];

/** What arrives meanwhile may move a message away from under the pointer: then one points at it again. */
async function pointingAgain(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await act();
    } catch (error) {
      if (attempt === POINT_ATTEMPTS) throw error;
    }
}

interface Drawn {
  readonly dataset: { readonly message?: string };
  querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null }>;
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

/** A person's window, in words of what they see and do. */
export class Window {
  readonly page: Page;
  readonly #context: BrowserContext;
  #errors: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    // A broken content policy, a failed request and React's complaints all end up in the console.
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#errors.push(message.text());
    });
    page.on('pageerror', (error) => this.#errors.push(String(error)));
  }

  static async open(browser: Browser, size: WindowSize = TALL): Promise<Window> {
    const context = await browser.newContext({
      viewport: size,
      locale: 'en-US',
      timezoneId: 'UTC',
      colorScheme: 'light',
    });
    context.setDefaultTimeout(WAIT_MS);
    return new Window(context, await context.newPage());
  }

  /** What the console complained of since the last time; what matches `expected` is left out. */
  takeErrors(expected?: RegExp): readonly string[] {
    const errors = this.#errors.filter((error) => !expected?.test(error));
    this.#errors = [];
    return errors;
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  async signIn(relay: string, { email, password }: Account): Promise<void> {
    await this.page.getByLabel('Relay address').fill(relay);
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.sidebar.waitFor();
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' });
  }
  /** The chip in the corner. */
  get chip(): Locator {
    return this.sidebar.getByRole('status');
  }
  /** Waits until the chip says so. */
  async stands(state: string | RegExp): Promise<void> {
    await this.chip.filter({ hasText: typeof state === 'string' ? exactly(state) : state }).waitFor();
  }
  /** Has the engine try at once, which spares the test its growing pauses between attempts. */
  async syncNow(): Promise<void> {
    await this.chip.click();
    await this.pane('Outbox').getByRole('button', { name: 'Sync now' }).click();
    await this.page.keyboard.press('Control+.');
    await this.pane('Outbox').waitFor({ state: 'detached' });
  }

  get conversation(): Locator {
    return this.page.getByRole('main');
  }
  get composer(): Locator {
    return this.conversation.getByRole('combobox', { name: /^Message / });
  }
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }
  pane(title: 'Thread' | 'Search' | 'Outbox'): Locator {
    return this.page.getByRole('complementary', { name: title });
  }

  /** A conversation's line in the sidebar. */
  row(name: string): Locator {
    return this.sidebar
      .locator('[data-conversation]')
      .filter({ has: this.page.locator('bdi', { hasText: exactly(name) }) });
  }

  /** How bold a conversation's name stands in the sidebar. */
  async weight(name: string): Promise<number> {
    const shown = this.row(name).locator('bdi');
    return Number(await shown.evaluate((element) => getComputedStyle(element).fontWeight));
  }

  async open(name: string): Promise<void> {
    await this.row(name).click();
    await this.conversation.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** The messages that say `text`. */
  message(text: string, within: Locator = this.conversation): Locator {
    return within.locator('[data-message]').filter({ hasText: text });
  }

  /** Writes where one is, or in the thread. */
  async say(text: string, field: Locator = this.composer): Promise<void> {
    await field.fill(text);
    await field.press('Enter');
  }

  async reply(text: string): Promise<void> {
    await this.say(text, this.pane('Thread').getByRole('combobox', { name: 'Reply…' }));
  }

  /** A button of the bar over a message. */
  act(message: Locator, button: string): Promise<void> {
    return pointingAgain(async () => {
      await message.hover();
      await message.getByRole('toolbar').getByRole('button', { name: button }).click({ timeout: POINT_MS });
    });
  }

  /** An entry of a message's own menu. */
  choose(message: Locator, item: string): Promise<void> {
    return pointingAgain(async () => {
      await message.hover();
      await message.getByRole('toolbar').getByRole('button', { name: 'More' }).click({ timeout: POINT_MS });
      await this.page.getByRole('menuitem', { name: item }).click({ timeout: POINT_MS });
    });
  }

  async fromMenu(button: Locator, item: string): Promise<void> {
    await button.click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  async newChannel(name: string, { isPrivate = false } = {}): Promise<void> {
    await this.fromMenu(this.sidebar.getByRole('button', { name: 'Add channels' }), 'New channel');
    await this.dialog.getByLabel('Name').fill(name);
    if (isPrivate) await this.dialog.getByRole('switch', { name: 'Private' }).click();
    await this.dialog.getByRole('button', { name: 'Create channel' }).click();
    await this.conversation.getByRole('heading', { level: 1, name }).waitFor();
  }

  async joinChannel(name: string): Promise<void> {
    await this.fromMenu(this.sidebar.getByRole('button', { name: 'Add channels' }), 'Browse channels');
    const entry = this.dialog.getByRole('listitem').filter({ hasText: name });
    await entry.getByRole('button', { name: 'Join', exact: true }).click();
    await this.conversation.getByRole('heading', { level: 1, name }).waitFor();
  }

  /** What the details menu over a conversation offers. */
  async fromHeader(item: string): Promise<void> {
    await this.fromMenu(this.conversation.getByRole('button', { name: /Channel details$/ }), item);
  }

  async search(text: string): Promise<Locator> {
    await this.sidebar.getByRole('button', { name: 'Search' }).click();
    const pane = this.pane('Search');
    await pane.getByRole('textbox', { name: 'Search messages' }).fill(text);
    return pane;
  }

  /** What is on screen, top to bottom. */
  async transcript(within: Locator = this.conversation): Promise<readonly Line[]> {
    return within.locator('article[data-message]').evaluateAll((rows: readonly Drawn[]) =>
      rows.map((row) => {
        const paragraphs = [...row.querySelectorAll('p')].map((paragraph) => paragraph.textContent ?? '');
        return [row.dataset.message ?? '', paragraphs.join('\n').trim()] as const;
      }),
    );
  }
}
