/** A custom emoji in running text. */
const SHORTCODE = /:([a-z0-9_+-]{1,64}):/g;

export type EmojiPiece = string | { readonly name: string; readonly image: string };

/** Splits text at the custom emoji the workspace has; a `:word:` it does not know stays text. */
export const splitEmoji = (text: string, images: Readonly<Record<string, string>>): readonly EmojiPiece[] =>
  splitShortcodes(text, (name) => {
    const image = Object.hasOwn(images, name) ? images[name] : undefined;
    return image?.startsWith('data:image/') ? image : undefined;
  });

/** The same, where `imageOf` says which picture a name stands for. */
export function splitShortcodes(text: string, imageOf: (name: string) => string | undefined): readonly EmojiPiece[] {
  if (!text.includes(':')) return [text];
  const pieces: EmojiPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(SHORTCODE)) {
    const name = match[1] ?? '';
    const image = imageOf(name);
    if (image === undefined) continue;
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push({ name, image });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}\s*){1,12}$/v;

/** Whether a message is nothing but a few emoji, which are then drawn large. */
export const isOnlyEmoji = (text: string): boolean => text.length <= 160 && ONLY_EMOJI.test(text.trim());
