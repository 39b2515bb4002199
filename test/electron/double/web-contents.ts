import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright';
import { toChromium, toMain } from './address.ts';
import { Carrier, type CarrierMessage } from './carrier.ts';
import { newPage } from './chromium.ts';
import { ipcMain } from './ipc-main.ts';
import type { MessagePortMain } from './port.ts';
import { record } from './records.ts';
import { BINDING, isolatedWorldScript, mainWorldScript, WORLD } from './worlds.ts';

type FromPage = { readonly carried: CarrierMessage } | { readonly channel: string; readonly args: readonly unknown[] };

let lastId = 0;

/** Electron's `WebContents` over a page of Chromium. */
export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly mainFrame: { readonly url: string };
  #openHandler: ((details: { url: string }) => { action: string }) | null = null;
  #page: Page | null = null;
  #cdp: CDPSession | null = null;
  #world: number | null = null;
  #carrier: Carrier;
  /** What main itself asked to be loaded. */
  #asked: string | null = null;
  readonly #ready: Promise<void>;

  constructor(preload: string | undefined) {
    super();
    const contents = this;
    this.mainFrame = {
      get url() {
        return contents.getURL();
      },
    };
    this.#carrier = this.#newCarrier();
    this.#ready = this.#open(preload);
  }

  getURL(): string {
    return toMain(this.#page?.url() ?? '');
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler;
  }

  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    const ids = ports.map((port) => this.#carrier.take(port));
    this.#call('electronDoubleDeliver', channel, message, ids);
  }

  async load(url: string): Promise<void> {
    await this.#ready;
    this.#asked = url;
    await this.#page?.goto(toChromium(url));
  }

  async close(): Promise<void> {
    await this.#page?.close();
  }

  async #open(preload: string | undefined): Promise<void> {
    const page = await newPage((url) => this.#mayNavigate(url));
    this.#page = page;
    page.on('close', () => {
      this.#carrier.end();
      this.emit('destroyed');
    });
    page.on('popup', (popup) => void this.#popup(popup));
    page.on('domcontentloaded', () => this.emit('dom-ready'));
    const cdp = await page.context().newCDPSession(page);
    this.#cdp = cdp;
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== WORLD) return;
      // The page before is gone, and its ports with it.
      this.#carrier.end();
      this.#carrier = this.#newCarrier();
      this.#world = context.id;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === BINDING) this.#receive(JSON.parse(payload) as FromPage);
    });
    await cdp.send('Page.enable');
    await cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript });
    if (preload) {
      const source = isolatedWorldScript(readFileSync(preload, 'utf8'));
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: WORLD });
    }
    await cdp.send('Runtime.enable');
  }

  #receive(message: FromPage): void {
    if ('carried' in message) this.#carrier.receive(message.carried);
    else ipcMain.emit(message.channel, { sender: this, senderFrame: this.mainFrame, ports: [] }, ...message.args);
  }

  #newCarrier(): Carrier {
    return new Carrier((carried) => this.#call('electronDoubleCarried', carried));
  }

  #call(name: string, ...args: readonly unknown[]): void {
    if (this.#world === null || !this.#cdp) return;
    const expression = `${name}(${args.map((arg) => JSON.stringify(arg ?? null)).join(',')})`;
    // A page that navigated away meanwhile takes nothing, as in Electron.
    this.#cdp.send('Runtime.evaluate', { expression, contextId: this.#world }).catch(() => {});
  }

  #mayNavigate(url: string): boolean {
    if (url === this.#asked) {
      this.#asked = null;
      return true;
    }
    // Reloading is no navigation away, and Electron asks nobody about it.
    if (url === this.getURL()) return true;
    let prevented = false;
    this.emit('will-navigate', {
      url,
      preventDefault() {
        prevented = true;
      },
    });
    record('navigations', { url, prevented });
    return !prevented;
  }

  async #popup(popup: Page): Promise<void> {
    // Its address is known once Chromium has tried to load it, which the route refuses.
    const [request] = await Promise.all([popup.waitForEvent('request').catch(() => null)]);
    const url = toMain(request?.url() ?? popup.url());
    const answer = this.#openHandler?.({ url });
    record('popups', { url, action: answer?.action });
    await popup.close();
  }
}
