import type { QuietHours, WorkspaceId } from '@parley/sync/model';
import { Button, Choice, shortTime, TextField, t } from '@parley/ui';
import { useState } from 'react';
import { Switch } from '../dialogs/switch.tsx';
import { useQuery } from '../engine/use-query.ts';
import css from '../preferences/preferences-dialog.module.css';
import { useCommand } from '../state/use-command.ts';
import { useNow } from '../state/use-now.ts';
import { minutesOf, timeText, USUAL_NIGHT, wordsOf } from './settings.ts';

const HOUR_MS = 3_600_000;
const LEVELS = ['mentions', 'all', 'nothing'] as const;
const LABELS = { mentions: 'notify.mentions', all: 'notify.all', nothing: 'notify.nothing' } as const;

/** What a person wants to hear of, and when. */
export function NotificationPreferences({ ws }: { ws: WorkspaceId }) {
  const command = useCommand();
  const settings = useQuery('notifySettings', { ws });
  if (!settings) return null;
  const { level, keywords, quiet, pausedUntil } = settings;
  const set = (key: 'level' | 'keywords' | 'quiet' | 'paused', value: unknown) =>
    void command('pref.set', { ws, key: `notify.${key}`, value: value === null ? null : JSON.stringify(value) });
  return (
    <section aria-label={t('notify.title')}>
      <h3 className={css.heading}>{t('notify.title')}</h3>
      <Permitted />
      <Choice
        label={t('notify.about')}
        hint={t('notify.aboutHint')}
        value={level}
        onValue={(value) => set('level', value === 'mentions' ? null : value)}
        options={LEVELS.map((value) => ({ value, label: t(LABELS[value]) }))}
      />
      <Keywords keywords={keywords} onKeywords={(words) => set('keywords', words.length ? words : null)} />
      <Quiet quiet={quiet} onQuiet={(hours) => set('quiet', hours)} />
      <Pause until={pausedUntil} onPause={(until) => set('paused', until)} />
    </section>
  );
}

/** Whether the system lets Parley notify at all, and how to change that. */
function Permitted() {
  const [permission, setPermission] = useState(() => Notification.permission);
  if (permission === 'denied') return <p className={css.line}>{t('notify.denied')}</p>;
  if (permission === 'default')
    return (
      <p className={css.line}>
        <span>{t('notify.ask')}</span>
        <Button
          size="small"
          look="primary"
          onClick={() => void Notification.requestPermission().then((answer) => setPermission(answer))}
        >
          {t('notify.allow')}
        </Button>
      </p>
    );
  return (
    <p className={css.line}>
      <span>{t('notify.allowed')}</span>
      <Button
        size="small"
        onClick={() => new Notification(t('notify.testTitle'), { body: t('notify.testBody'), tag: 'parley-test' })}
      >
        {t('notify.test')}
      </Button>
    </p>
  );
}

function Keywords({
  keywords,
  onKeywords,
}: {
  keywords: readonly string[];
  onKeywords(words: readonly string[]): void;
}) {
  const [text, setText] = useState(keywords.join(', '));
  return (
    <div className={css.field}>
      <TextField
        label={t('notify.keywords')}
        hint={t('notify.keywordsHint')}
        value={text}
        onText={setText}
        onBlur={() => onKeywords(wordsOf(text))}
      />
    </div>
  );
}

function Quiet({ quiet, onQuiet }: { quiet: QuietHours | null; onQuiet(hours: QuietHours | null): void }) {
  const time = (which: 'from' | 'to') => (
    <TextField
      label={t(which === 'from' ? 'notify.from' : 'notify.to')}
      type="time"
      required
      value={quiet ? timeText(quiet[which]) : ''}
      onText={(text) => {
        const minutes = minutesOf(text);
        if (quiet && minutes !== null) onQuiet({ ...quiet, [which]: minutes });
      }}
    />
  );
  return (
    <div className={css.field}>
      <Switch
        label={t('notify.quiet')}
        hint={t('notify.quietHint')}
        on={quiet !== null}
        onChange={(on) => onQuiet(on ? USUAL_NIGHT : null)}
      />
      {quiet && (
        <div className={css.times}>
          {time('from')}
          {time('to')}
        </div>
      )}
    </div>
  );
}

function Pause({ until, onPause }: { until: number; onPause(until: number | null): void }) {
  const now = useNow();
  const tomorrow = () => {
    const at = new Date();
    at.setDate(at.getDate() + 1);
    return at.setHours(8, 0, 0, 0);
  };
  if (until > now)
    return (
      <p className={css.line}>
        <span>{t('notify.paused', { time: shortTime(until, now) })}</span>
        <Button size="small" onClick={() => onPause(null)}>
          {t('notify.resume')}
        </Button>
      </p>
    );
  return (
    <p className={css.line}>
      <span>{t('notify.pause')}</span>
      <span className={css.buttons}>
        <Button size="small" onClick={() => onPause(Date.now() + HOUR_MS)}>
          {t('notify.hour')}
        </Button>
        <Button size="small" onClick={() => onPause(tomorrow())}>
          {t('notify.tomorrow')}
        </Button>
      </span>
    </p>
  );
}
