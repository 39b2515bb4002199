import { decodeEntities, parseControl } from './slack/mrkdwn-control.ts';

/** Controls would break lines, bidirectional ones would let a name pass for another. The model refuses both in labels. */
const BREAKS = /[\p{Cc}\s]+/gu;
const UNSEEN = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** `text` without its last half character, where `max` cut one. */
function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Makes one line that can stand as a name or title of anything an export offers; may be empty. */
export function labelOf(text: string, max: number): string {
  return clip(text.toWellFormed().replace(UNSEEN, '').replace(BREAKS, ' ').trim(), max).trim();
}

/** A topic or purpose, which Slack writes as mrkdwn, as the plain line we keep. */
export function lineOf(mrkdwn: string, max: number, nameOf: (slackUser: string) => string | null): string {
  const plain = mrkdwn.replace(/<([^<>\n]+)>|&(?:amp|lt|gt);/g, (whole, body: string | undefined) => {
    if (body === undefined) return decodeEntities(whole);
    const [, user] = /^@([A-Z0-9]+)/.exec(body) ?? [];
    const name = user === undefined ? null : nameOf(user);
    if (name !== null) return `@${name}`;
    const control = parseControl(body, { user: () => null, channel: () => null });
    if (control?.type === 'link') return control.label === null ? control.url : `${control.label} (${control.url})`;
    if (control?.type === 'mention') return `@${control.token.slice(2, -1)}`;
    return control?.type === 'text' ? control.text : decodeEntities(whole);
  });
  return labelOf(plain, max);
}

/** `base`, or with the first number behind it that is free, within `max` characters. */
export function uniqueName(base: string, max: number, isTaken: (name: string) => boolean): string {
  let name = clip(base, max);
  for (let n = 2; isTaken(name); n++) {
    const suffix = `-${n}`;
    name = clip(base, max - suffix.length) + suffix;
  }
  return name;
}
