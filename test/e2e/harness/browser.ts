import { type Browser, chromium } from 'playwright';

/** The system's Chromium; without a sandbox, for containers have no place for one. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
