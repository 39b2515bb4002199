import iamcal from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };
import type { EmojiTable } from './slack/emoji-name.ts';

const VARIATION = '\ufe0f';
const RGI = /^\p{RGI_Emoji}$/v;

/** Whether this is one whole emoji as Unicode recommends it for interchange: what a reaction may be. */
export const isUnicodeEmoji = (text: string): boolean => RGI.test(text);

/** The fully qualified form: characters that are text by default ask for the colourful one, unless a skin tone does. */
function qualified(points: readonly string[]): string {
  return points
    .map((point, at) => {
      const next = points[at + 1] ?? '';
      const textual = /\p{Emoji}/u.test(point) && !/\p{Emoji_Presentation}/u.test(point);
      return textual && !/\p{Emoji_Modifier}/u.test(next) && next !== VARIATION ? point + VARIATION : point;
    })
    .join('');
}

function fromHex(hexcode: string): string | null {
  const points = hexcode.split('-').map((hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
  return [points.join(''), qualified(points)].find(isUnicodeEmoji) ?? null;
}

let table: ReadonlyMap<string, string> | null = null;

function load(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [hexcode, codes] of Object.entries(iamcal as Readonly<Record<string, string | readonly string[]>>)) {
    const emoji = fromHex(hexcode);
    if (emoji === null) continue;
    for (const name of typeof codes === 'string' ? [codes] : codes) names.set(name, emoji);
  }
  return names;
}

/** The short names Slack took from iamcal's emoji-data, to fully qualified Unicode. */
export const standardEmoji: EmojiTable = (name) => {
  table ??= load();
  return table.get(name) ?? null;
};
