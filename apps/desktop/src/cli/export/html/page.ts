import { escapeHtml, language } from '@parley/ui/static';
import { fullTime, timeZone } from './times.ts';

/**
 * Nothing runs and nothing is fetched: styles and pictures are the export's own files. `file:` is for browsers to which
 * two files of one directory are strangers.
 */
const POLICY =
  "default-src 'none'; style-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'";

/** A place in the export and what it is called, as the way back to the beginning shows it. */
export interface Crumb {
  readonly name: string;
  /** From the page it stands on; none for the page itself. */
  readonly href?: string;
}

export interface Page {
  readonly title: string;
  /** From this page to the export's directory: '' or '../../'. */
  readonly root: string;
  readonly crumbs: readonly Crumb[];
  /** Where the skip link leads, and what it says. */
  readonly skip?: { readonly to: string; readonly label: string };
  /** Pages before and behind, for browsers that offer them. */
  readonly previous?: string;
  readonly next?: string;
  readonly main: string;
  readonly footer: string;
}

/** An address within the export: file names are letters of any script, and a link takes only some of them. */
export const hrefOf = (path: string): string => escapeHtml(path.split('/').map(encodeURIComponent).join('/'));

const crumbHtml = ({ name, href }: Crumb): string =>
  href === undefined
    ? `<li aria-current="page"><bdi>${escapeHtml(name)}</bdi></li>`
    : `<li><a href="${href}"><bdi>${escapeHtml(name)}</bdi></a></li>`;

/** A whole page. */
export const pageHtml = ({ title, root, crumbs, skip, previous, next, main, footer }: Page): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${root}style.css">
${previous === undefined ? '' : `<link rel="prev" href="${previous}">\n`}${next === undefined ? '' : `<link rel="next" href="${next}">\n`}</head>
<body>
${skip ? `<a class="skip" href="${skip.to}">${skip.label}</a>\n` : ''}<header class="top"><nav aria-label="Where you are"><ol class="crumbs">${crumbs.map(crumbHtml).join('')}</ol></nav></header>
<main>
${main}
</main>
<footer><p>${footer}</p></footer>
</body>
</html>
`;

/** What stands at the foot of every page. */
export const footerText = (at: number): string =>
  `Exported from Parley on ${escapeHtml(fullTime(at))}. Times are those of ${escapeHtml(timeZone())}.`;
