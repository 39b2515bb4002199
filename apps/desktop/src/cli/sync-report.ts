import type { SyncView } from '@parley/sync/model';
import { formatPercent, historyShare, syncWords, t } from '@parley/ui/static';
import { isoTime } from './local-time.ts';
import { safeLine } from './safe-text.ts';

/** How a workspace stands with its relay, for programs. */
export function syncDocument(view: SyncView): object {
  const { state, detail, reason, held, queued, failed, fetching, behind, size, history, notice } = view;
  return {
    state,
    label: syncWords(view).label,
    detail,
    reason,
    messages: held,
    queued,
    failed,
    fetching,
    behind,
    size,
    history,
    notice: notice && { ...notice, at: isoTime(notice.at) },
  };
}

/** The same for people, in the words of the window. */
export function syncLines(view: SyncView): readonly string[] {
  const { label, meaning } = syncWords(view);
  const lines = [meaning ? `${label}. ${meaning}` : label];
  if (view.detail) lines.push(view.detail);
  lines.push(heldLine(view));
  const { queued, failed } = view;
  const yours = [
    ...(queued ? [`${queued} of yours wait to be sent`] : []),
    ...(failed ? [`${failed} ${failed === 1 ? 'was' : 'were'} refused`] : []),
  ];
  if (yours.length) lines.push(`${yours.join(', ')}: parley ledger`);
  if (view.notice) lines.push(noticeLine(view.notice));
  return lines.map(safeLine);
}

function heldLine(view: SyncView): string {
  const { held, fetching } = view;
  const parts = [t('ledger.held', { count: held })];
  if (fetching) parts.push(t('ledger.fetching', { count: fetching }));
  const share = historyShare(view);
  if (share !== null) parts.push(`history at ${formatPercent(share)}`);
  return parts.join(', ');
}

/** How a sync is getting on, in a line. */
export const progressLine = (view: SyncView): string =>
  `${view.state}: ${heldLine(view)}, ${view.queued} of yours to send`;

const noticeLine = ({ at, detail }: NonNullable<SyncView['notice']>): string => `${isoTime(at)}: ${detail}`;
