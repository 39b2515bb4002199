import type { WorkspaceId } from '@parley/sync/model';
import { MAX_TEXT } from '@parley/sync/text';
import { Composer, Dialog, t } from '@parley/ui';
import { useTokenNames } from '../compose/use-token-names.ts';
import { useCommand } from '../state/use-command.ts';
import type { OpenDialog } from '../state/view-store.ts';

/** Changes what was not delivered and sends it again. */
export function EditPendingDialog({
  ws,
  dialog,
  onClose,
}: {
  ws: WorkspaceId;
  dialog: Extract<OpenDialog, { kind: 'editLedger' }>;
  onClose(): void;
}) {
  const command = useCommand();
  const { id, text } = dialog.entry;
  const names = useTokenNames(ws, text ?? '');
  const send = async (next: string) => {
    if (await command('ledger.edit', { ws, op: id, text: next })) onClose();
  };
  return (
    <Dialog title={t('ledger.editTitle')} open onClose={onClose}>
      {names && (
        <Composer
          label={t('ledger.editTitle')}
          placeholder=""
          text={text ?? ''}
          names={names}
          suggestions={[]}
          onLookup={() => {}}
          onText={() => {}}
          onSend={(next) => {
            void send(next);
            return false;
          }}
          editing={{ onCancel: onClose }}
          maxLength={MAX_TEXT}
          autoFocus
        />
      )}
    </Dialog>
  );
}
