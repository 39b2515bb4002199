import type { NotifyVerdict, WorkspaceId } from '@parley/sync/model';
import { Button, Dialog, t } from '@parley/ui';
import { useQuery } from '../engine/use-query.ts';
import { type OpenDialog, view } from '../state/view-store.ts';

const causeText = ({ cause, keyword }: NotifyVerdict): string => {
  switch (cause) {
    case null:
      return t('why.notConcerned');
    case 'keyword':
      return t('why.keyword', { keyword: keyword ?? '' });
    default:
      return t(`why.${cause}`);
  }
};

function words(why: NotifyVerdict): readonly string[] {
  if (why.notify) return [t('why.yes'), causeText(why)];
  switch (why.bar) {
    case null:
    case 'not_concerned':
      return [t('why.no'), t('why.notConcerned')];
    case 'read':
      return [t('why.isRead'), causeText(why)];
    case 'own':
    case 'note':
      return [t('why.no'), t(`why.bar.${why.bar}`)];
    default:
      return [
        t('why.no'),
        t(`why.bar.${why.bar}`),
        ...(why.cause ? [t('why.otherwise', { cause: causeText(why) })] : []),
      ];
  }
}

/** Why the person is, or is not, told of a message: the rule that decided. */
export function WhyDialog({
  ws,
  dialog,
  onClose,
}: {
  ws: WorkspaceId;
  dialog: Extract<OpenDialog, { kind: 'why' }>;
  onClose(): void;
}) {
  const why = useQuery('whyNotified', { ws, msg: dialog.msg });
  return (
    <Dialog
      title={t('why.title')}
      open
      onClose={onClose}
      footer={<Button onClick={() => view.dialog({ kind: 'preferences' })}>{t('why.change')}</Button>}
    >
      {why && words(why).map((line) => <p key={line}>{line}</p>)}
    </Dialog>
  );
}
