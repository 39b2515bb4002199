import type { Inline, Resolve } from './mrkdwn-tree.ts';

/** Slack escapes these three and nothing else: `&nbsp;` in a message is six characters somebody typed. */
export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

/** Stops at the next `<`, so a line of a million of them is read once. */
export const CONTROL = /<([^<>\n]+)>/y;

const SCHEMES = new Set([
  'http',
  'https',
  'ftp',
  'ftps',
  'sftp',
  'mailto',
  'tel',
  'sms',
  'irc',
  'ircs',
  'git',
  'ssh',
  'svn',
  'slack',
  'xmpp',
  'file',
]);
const UNSAFE_SCHEMES = new Set(['javascript', 'vbscript', 'data']);

function isUrl(target: string): boolean {
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]{1,31}):(\S+)$/.exec(target) ?? [];
  const name = scheme.toLowerCase();
  if (UNSAFE_SCHEMES.has(name)) return false;
  // `<std::vector>` has a colon too, so a scheme we don't know must look like one.
  return SCHEMES.has(name) || rest.startsWith('//');
}

function text(value: string): Inline {
  return { type: 'text', text: value };
}

function command(body: string, label: string): Inline | null {
  const [name = ''] = body.split('^', 1);
  if (name === 'here') return { type: 'mention', token: '<!here>' };
  // We have one word for "all of this channel"; Slack's @everyone is that of #general.
  if (name === 'channel' || name === 'everyone') return { type: 'mention', token: '<!channel>' };
  if (name === 'subteam') return text(label.startsWith('@') ? label : `@${label || 'group'}`);
  return label === '' ? null : text(label);
}

function link(url: string, label: string): Inline {
  if (/^mailto:/i.test(url)) {
    const address = url.slice('mailto:'.length);
    return { type: 'link', url, label: label || address };
  }
  return { type: 'link', url, label: label === '' || label === url ? null : label };
}

/** What stands between `<` and `>`; null when it is no control sequence but something a person typed. */
export function parseControl(body: string, resolve: Resolve): Inline | null {
  const bar = body.indexOf('|');
  const target = decodeEntities(bar < 0 ? body : body.slice(0, bar));
  const label = bar < 0 ? '' : decodeEntities(body.slice(bar + 1)).trim();
  const [, sigil, id = ''] = /^([@#])([A-Z0-9]+)$/.exec(target) ?? [];
  if (sigil === '@') {
    const user = resolve.user(id);
    return user === null ? text(`@${label.replace(/^@/, '') || id}`) : { type: 'mention', token: `<@${user}>` };
  }
  if (sigil === '#') {
    const channel = resolve.channel(id);
    return channel === null ? text(`#${label.replace(/^#/, '') || id}`) : { type: 'mention', token: `<#${channel}>` };
  }
  if (target.startsWith('!')) return command(target.slice(1), label);
  return isUrl(target) ? link(target, label) : null;
}

const nobody: Resolve = { user: () => null, channel: () => null };

/** Code shows what a person typed: the control sequences Slack put in are taken out again. */
export function plainCode(raw: string): string {
  // One pass, so that what a label decodes to is not decoded again.
  return raw.replace(/<([^<>\n]+)>|&(?:amp|lt|gt);/g, (whole, body: string | undefined) => {
    if (body === undefined) return decodeEntities(whole);
    const control = parseControl(body, nobody);
    if (control?.type === 'link') return control.label ?? control.url;
    if (control?.type === 'mention') return `@${control.token.slice(2, -1)}`;
    // Typed by a person, so its entities are still to be decoded.
    return control?.type === 'text' ? control.text : decodeEntities(whole);
  });
}
