import { isUnicodeEmoji } from './emoji-table.ts';
import type { ImportContext } from './import-context.ts';
import { labelOf } from './label.ts';
import { type EmojiTable, emojiFromSlackName } from './slack/emoji-name.ts';
import type { BotAuthor } from './slack/records.ts';

/** The model's widths of a bot's name and of its picture's address. */
const MAX_BOT_NAME = 80;
const MAX_ICON = 2_048;
/** Of an unknown emoji, as much as a report needs. */
const MAX_SHOWN = 80;

/** Slack's emoji names as what a message may carry here. */
export class ImportEmoji {
  readonly #context: ImportContext;
  readonly #table: EmojiTable;
  /** Standard emoji by the names used: asking Unicode about one is slow. Aliases and skin tones bound it. */
  readonly #known = new Map<string, string>();

  constructor(context: ImportContext, table: EmojiTable) {
    this.#context = context;
    this.#table = table;
  }

  /** A reaction's emoji: Unicode, or `:name:` of one this workspace has; null, and a remark, where there is none. */
  reaction(name: string): string | null {
    const standard = this.#standard(name);
    if (standard !== null) return standard;
    const custom = this.#context.room.view.get('emoji', name);
    if (custom && !custom.gone) return `:${name}:`;
    const where = `emoji :${labelOf(name, MAX_SHOWN)}:`;
    this.#context.repeated.add(
      where,
      'unknown-emoji',
      'reactions with an emoji this workspace does not have were left out',
    );
    return null;
  }

  /** What a bot calls itself and the picture it shows, if that is an emoji or can be fetched safely. */
  bot(bot: BotAuthor): { name: string; icon?: string } {
    const name = labelOf(bot.name, MAX_BOT_NAME) || 'bot';
    if (bot.icon === undefined) return { name };
    const icon = /^:.*:$/.test(bot.icon) ? this.#standard(bot.icon) : bot.icon;
    const isShown = icon !== null && icon.length <= MAX_ICON && (isUnicodeEmoji(icon) || icon.startsWith('https://'));
    return isShown ? { name, icon } : { name };
  }

  #standard(name: string): string | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const emoji = emojiFromSlackName(name, this.#table);
    if (emoji === null || !isUnicodeEmoji(emoji)) return null;
    this.#known.set(name, emoji);
    return emoji;
  }
}
