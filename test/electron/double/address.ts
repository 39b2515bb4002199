const STAND_IN = 'https://app-parley.invalid/';
const PAGE = 'app://parley/';

/** Where Chromium loads what main knows by `url`. */
export const toChromium = (url: string): string => (url.startsWith(PAGE) ? STAND_IN + url.slice(PAGE.length) : url);

/** What main calls what Chromium loads from `url`. */
export const toMain = (url: string): string => (url.startsWith(STAND_IN) ? PAGE + url.slice(STAND_IN.length) : url);
