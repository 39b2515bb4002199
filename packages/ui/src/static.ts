/** What draws a page where there is no browser yet: text in, HTML out. Its styles are the tokens of `tokens.css`. */
export { AVATAR_COLOURS, avatarColour, initials } from './avatar-look.ts';
export { dayKey, fileSize } from './format-time.ts';
export { escapeHtml, type HtmlNames, markdownHtml } from './markdown/markdown-html.ts';
export { safeLink } from './markdown/safe-link.ts';
export { formatCount, formatPercent, language, pieces, type StringKey, t } from './strings.ts';
export { historyShare, syncWords } from './sync-words.ts';
