import { Dialog, type PlainKey, t } from '@parley/ui';
import { isMac } from '../app/platform.ts';
import css from './shortcuts-dialog.module.css';

/** `mod` is Ctrl, on a Mac Cmd. */
type Keys = readonly string[];
const GROUPS: readonly { readonly title: PlainKey; readonly rows: readonly (readonly [PlainKey, Keys])[] }[] = [
  {
    title: 'keys.go',
    rows: [
      ['keys.switcher', ['mod', 'K']],
      ['keys.newMessage', ['mod', 'Shift', 'K']],
      ['keys.search', ['mod', 'G']],
      ['keys.channel', ['Alt', '↑ ↓']],
      ['keys.unread', ['Alt', 'Shift', '↑ ↓']],
      ['keys.region', ['F6']],
      ['keys.pane', ['mod', '.']],
    ],
  },
  {
    title: 'keys.lists',
    rows: [
      ['inbox.unreads', ['mod', 'Shift', 'A']],
      ['inbox.threads', ['mod', 'Shift', 'T']],
      ['inbox.activity', ['mod', 'Shift', 'M']],
      ['inbox.later', ['mod', 'Shift', 'S']],
      ['keys.markRead', ['Esc']],
      ['inbox.allRead', ['Shift', 'Esc']],
    ],
  },
  {
    title: 'keys.write',
    rows: [
      ['keys.editLast', ['↑']],
      ['keys.newLine', ['Shift', 'Enter']],
      ['keys.bold', ['mod', 'B']],
      ['keys.italic', ['mod', 'I']],
      ['keys.strike', ['mod', 'Shift', 'X']],
      ['keys.code', ['mod', 'Shift', 'C']],
    ],
  },
  {
    title: 'keys.message',
    rows: [
      ['message.reply', ['T']],
      ['message.edit', ['E']],
      ['message.save', ['A']],
      ['message.pin', ['P']],
      ['message.markUnread', ['U']],
      ['message.delete', ['Delete']],
    ],
  },
  {
    title: 'keys.app',
    rows: [
      ['prefs.title', ['mod', ',']],
      ['keys.title', ['mod', '/']],
    ],
  },
];

/** Every key that does something, and what. */
export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('keys.title')} open onClose={onClose} width="wide">
      <div className={css.groups}>
        {GROUPS.map(({ title, rows }) => (
          <section key={title} aria-label={t(title)}>
            <h3 className={css.heading}>{t(title)}</h3>
            <dl>
              {rows.map(([what, keys]) => (
                <div key={what} className={css.row}>
                  <dt>{t(what)}</dt>
                  <dd className={css.keys}>
                    {keys.map((key) => (
                      <kbd key={key} className={css.key}>
                        {key === 'mod' ? (isMac ? '⌘' : 'Ctrl') : key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
