/** One click away. */
export const QUICK_REACTIONS = ['👍', '✅', '👀'] as const;

/** A small set for the picker; any other can be typed or pasted. */
export const COMMON_REACTIONS = [
  '👍',
  '👎',
  '👏',
  '🙌',
  '🙏',
  '💪',
  '🤝',
  '👋',
  '👌',
  '🤞',
  '❤️',
  '🔥',
  '🎉',
  '🚀',
  '✨',
  '💯',
  '⭐',
  '💡',
  '✅',
  '❌',
  '😀',
  '😄',
  '😂',
  '🙂',
  '😉',
  '😊',
  '😍',
  '🤔',
  '😎',
  '🥳',
  '😮',
  '😢',
  '😭',
  '😅',
  '😬',
  '🙈',
  '👀',
  '🤷',
  '🤦',
  '☕',
] as const;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The single emoji a person typed, whole, or null where it is none. */
export function singleEmoji(text: string): string | null {
  const trimmed = text.trim();
  const segments = [...segmenter.segment(trimmed)];
  return segments.length === 1 && /^\p{RGI_Emoji}$/v.test(trimmed) ? trimmed : null;
}
