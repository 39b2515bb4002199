import type { WorkspaceId } from '@parley/sync/model';
import { Button, Choice, Dialog, fileSize, formatCount, t } from '@parley/ui';
import { isMac } from '../app/platform.ts';
import { useQuery } from '../engine/use-query.ts';
import { NotificationPreferences } from '../notifications/notification-preferences.tsx';
import { useCommand } from '../state/use-command.ts';
import { view } from '../state/view-store.ts';
import { DEFAULTS, type PreferenceName, type Preferences } from './preferences.ts';
import css from './preferences-dialog.module.css';
import { usePreferences } from './use-preferences.ts';

/** Everything a person can set about how Parley looks and behaves for them. */
export function PreferencesDialog({ ws, onClose }: { ws: WorkspaceId; onClose(): void }) {
  const command = useCommand();
  const preferences = usePreferences(ws);
  const set = <N extends PreferenceName>(key: N, value: Preferences[N]) =>
    // What is as it would be anyway is not kept: so a better default reaches whoever never chose.
    void command('pref.set', { ws, key, value: value === DEFAULTS[key] ? null : JSON.stringify(value) });
  return (
    <Dialog title={t('prefs.title')} open onClose={onClose} width="wide">
      <NotificationPreferences ws={ws} />
      <section aria-label={t('prefs.appearance')}>
        <h3 className={css.heading}>{t('prefs.appearance')}</h3>
        <Choice
          label={t('prefs.theme')}
          value={preferences.theme}
          onValue={(value) => set('theme', value)}
          options={[
            { value: 'system', label: t('prefs.asSystem') },
            { value: 'light', label: t('prefs.light') },
            { value: 'dark', label: t('prefs.dark') },
          ]}
        />
        <Choice
          label={t('prefs.contrast')}
          value={preferences.contrast}
          onValue={(value) => set('contrast', value)}
          options={[
            { value: 'system', label: t('prefs.asSystem') },
            { value: 'more', label: t('prefs.high') },
          ]}
        />
        <Choice
          label={t('prefs.density')}
          value={preferences.density}
          onValue={(value) => set('density', value)}
          options={[
            { value: 'comfortable', label: t('prefs.comfortable') },
            { value: 'compact', label: t('prefs.compact') },
          ]}
        />
      </section>
      <section aria-label={t('prefs.region')}>
        <h3 className={css.heading}>{t('prefs.region')}</h3>
        <Choice
          label={t('prefs.clock')}
          value={preferences.clock}
          onValue={(value) => set('clock', value)}
          options={[
            { value: 'language', label: t('prefs.asLanguage') },
            { value: '12', label: t('prefs.hours12') },
            { value: '24', label: t('prefs.hours24') },
          ]}
        />
      </section>
      <section aria-label={t('prefs.messages')}>
        <h3 className={css.heading}>{t('prefs.messages')}</h3>
        <Choice
          label={t('prefs.enter')}
          hint={t(
            preferences.enter === 'send' ? 'prefs.enterSends' : isMac ? 'prefs.enterBreaksMac' : 'prefs.enterBreaks',
          )}
          value={preferences.enter}
          onValue={(value) => set('enter', value)}
          options={[
            { value: 'send', label: t('prefs.send') },
            { value: 'line', label: t('prefs.newLine') },
          ]}
        />
      </section>
      <Storage ws={ws} />
    </Dialog>
  );
}

/** What is kept on this computer, and how to have it looked over. */
function Storage({ ws }: { ws: WorkspaceId }) {
  const sync = useQuery('sync', { ws });
  if (!sync) return null;
  return (
    <section aria-label={t('prefs.storage')}>
      <h3 className={css.heading}>{t('prefs.storage')}</h3>
      <p className={css.line}>
        <span>
          {t('prefs.held', { count: sync.held })}
          {sync.history &&
            ` ${t('prefs.coming', { done: fileSize(sync.history.bytes), all: fileSize(sync.history.total) })}`}
          {sync.fetching > 0 && ` ${t('prefs.fetching', { conversations: formatCount(sync.fetching) })}`}
        </span>
        <Button
          size="small"
          onClick={() => {
            view.dialog(null);
            view.pane({ kind: 'ledger' });
          }}
        >
          {t('prefs.verify')}
        </Button>
      </p>
    </section>
  );
}
