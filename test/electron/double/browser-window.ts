import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { record } from './records.ts';
import { WebContents } from './web-contents.ts';

interface WindowOptions {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly webPreferences: { readonly preload?: string };
}

const open = new Set<BrowserWindow>();

/** Electron's `BrowserWindow`: a page of a headless Chromium, and what would have been seen of it. */
export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...open];
  }

  readonly webContents: WebContents;
  readonly #options: WindowOptions;
  #minimized = false;

  constructor(options: WindowOptions) {
    super();
    this.#options = options;
    record('windows', options);
    open.add(this);
    this.webContents = new WebContents(options.webPreferences.preload);
    app.emit('web-contents-created', {}, this.webContents);
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'));
    this.webContents.once('destroyed', () => this.#closed());
  }

  loadURL(url: string): Promise<void> {
    record('loads', url);
    return this.webContents.load(url);
  }

  show(): void {
    record('shown', true);
  }
  focus(): void {
    record('focused', true);
  }
  minimize(): void {
    this.#minimized = true;
  }
  isMinimized(): boolean {
    return this.#minimized;
  }
  restore(): void {
    this.#minimized = false;
    record('restored', true);
  }
  maximize(): void {
    record('maximized', true);
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds() {
    const { x = 10, y = 20, width, height } = this.#options;
    return { x, y, width, height };
  }

  close(): void {
    this.emit('close', { preventDefault() {} });
    void this.webContents.close();
  }

  #closed(): void {
    open.delete(this);
    this.emit('closed');
    if (!open.size) app.emit('window-all-closed');
  }
}
