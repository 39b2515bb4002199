/** Names people type for the most used emoji. The whole set comes with the picker. */
export const EMOJI_NAMES: readonly (readonly [name: string, emoji: string])[] = [
  ['thumbsup', '👍'], ['thumbsdown', '👎'], ['clap', '👏'], ['raised_hands', '🙌'], ['pray', '🙏'], ['muscle', '💪'],
  ['handshake', '🤝'], ['wave', '👋'], ['ok_hand', '👌'], ['crossed_fingers', '🤞'], ['heart', '❤️'], ['fire', '🔥'],
  ['tada', '🎉'], ['rocket', '🚀'], ['sparkles', '✨'], ['100', '💯'], ['star', '⭐'], ['bulb', '💡'],
  ['white_check_mark', '✅'], ['check', '✅'], ['x', '❌'], ['warning', '⚠️'], ['question', '❓'], ['eyes', '👀'],
  ['smile', '😄'], ['grinning', '😀'], ['joy', '😂'], ['slightly_smiling_face', '🙂'], ['wink', '😉'], ['blush', '😊'],
  ['heart_eyes', '😍'], ['thinking', '🤔'], ['sunglasses', '😎'], ['partying_face', '🥳'], ['open_mouth', '😮'],
  ['cry', '😢'], ['sob', '😭'], ['sweat_smile', '😅'], ['grimacing', '😬'], ['see_no_evil', '🙈'], ['shrug', '🤷'],
  ['facepalm', '🤦'], ['coffee', '☕'], ['beer', '🍺'], ['cake', '🍰'], ['bug', '🐛'], ['construction', '🚧'],
  ['calendar', '📅'], ['memo', '📝'], ['link', '🔗'], ['lock', '🔒'], ['mag', '🔍'], ['sun', '☀️'], ['rainbow', '🌈'],
];
