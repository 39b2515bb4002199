/** A table of standard short names, without colons, to Unicode; null for a name it does not know. */
export type EmojiTable = (name: string) => string | null;

const SKIN_TONES = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'];

/** Slack's own smile from before it used the standard names; old exports are full of it. */
const slackAliases: Record<string, string> = { simple_smile: 'slightly_smiling_face' };

/**
 * A reaction's Slack name as Unicode: `+1`, `wave::skin-tone-3`, `:tada:`. Null means a custom emoji of the workspace
 * (or an unknown one), which keeps its name.
 */
export function emojiFromSlackName(name: string, table: EmojiTable): string | null {
  const [base = '', tone] = name.replace(/^:|:$/g, '').split('::', 2);
  const alias = Object.hasOwn(slackAliases, base) ? slackAliases[base] : undefined;
  const emoji = table(base) ?? (alias === undefined ? null : table(alias));
  if (emoji === null || tone === undefined) return emoji;
  // Slack counts the Fitzpatrick tones 2 to 6.
  const modifier = SKIN_TONES[Number(/^skin-tone-([2-6])$/.exec(tone)?.[1] ?? 0) - 2];
  return modifier === undefined ? emoji : withTone(emoji, modifier);
}

/** The tone goes right behind the first code point, in place of the selector that asks for the colourful form. */
function withTone(emoji: string, modifier: string): string {
  const [first = '', ...rest] = emoji;
  if (!/\p{Emoji_Modifier_Base}/u.test(first)) return emoji;
  if (rest[0] === '\ufe0f') rest.shift();
  return first + modifier + rest.join('');
}
