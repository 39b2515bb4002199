import type { SidebarView, VerifyView } from '@parley/sync/model';
import { AlarmIcon, CheckIcon, CopyButton, fullTime, t, timeAgo } from '@parley/ui';
import { useNow } from '../state/use-now.ts';
import { placeOf } from './problem-place.ts';
import type { Verification } from './use-verify.ts';
import css from './verify-result.module.css';

/** A damaged replica may have hundreds; the report has them all. */
const SHOWN = 20;
const MINUTE_MS = 60_000;

interface VerifyResultProps {
  verification: Verification;
  conversations: SidebarView['conversations'];
}

/** What a comparison with the relay came to, in words; read out when it is there. */
export function VerifyResult({ verification, conversations }: VerifyResultProps) {
  const done = verification.is === 'done' ? verification : null;
  const wrong = done !== null && done.found.problems.length > 0;
  return (
    <div className={css.result} aria-busy={verification.is === 'running'}>
      <p className={wrong ? css.wrong : css.summary}>
        {wrong && <AlarmIcon size={15} aria-hidden="true" />}
        {done && !wrong && <CheckIcon size={15} aria-hidden="true" />}
        <span>
          {/* Always there, for only what changes in it is read out; the time beside it changes by itself. */}
          <span role="status">{summaryOf(verification)}</span> {done && <When at={done.at} />}
        </span>
      </p>
      {done && done.found.fetching > 0 && (
        <p className={css.quiet}>{t('verify.fetching', { count: done.found.fetching })}</p>
      )}
      {done && wrong && <Problems found={done.found} at={done.at} conversations={conversations} />}
    </div>
  );
}

function summaryOf(verification: Verification): string {
  if (verification.is === 'none') return '';
  if (verification.is === 'running') return t('verify.runningMeaning');
  const { compared, rows, streams, problems } = verification.found;
  if (problems.length > 0) return t(compared ? 'verify.problems' : 'verify.problemsAlone', { count: problems.length });
  if (!compared) return t('verify.alone');
  return rows > 0 ? t('verify.same', { count: rows }) : t('verify.sameHeads', { count: streams });
}

function When({ at }: { at: number }) {
  const now = useNow();
  return (
    <span className={css.when}>
      · <time title={fullTime(at)}>{now - at < MINUTE_MS ? t('verify.justNow') : timeAgo(at, now)}</time>
    </span>
  );
}

interface ProblemsProps {
  found: VerifyView;
  at: number;
  conversations: SidebarView['conversations'];
}

function Problems({ found, at, conversations }: ProblemsProps) {
  const { problems } = found;
  const more = problems.length - SHOWN;
  const report = () =>
    [
      `${new Date(at).toISOString()} ${t('verify.problems', { count: problems.length })}`,
      ...problems.map(({ stream, detail }) => `${stream || '-'}\t${placeOf(stream, conversations)}\t${detail}`),
    ].join('\n');
  return (
    <>
      <ul className={css.problems}>
        {problems.slice(0, SHOWN).map(({ stream, detail }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a finding is replaced whole, never reordered
          <li key={index} className={css.problem}>
            <bdi className={css.place}>{placeOf(stream, conversations)}</bdi>
            <bdi>{detail}</bdi>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={css.quiet}>{t('verify.more', { count: more })}</p>}
      <CopyButton label={t('verify.copy')} text={report} />
    </>
  );
}
