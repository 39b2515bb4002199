import { classNames } from '../class-names.ts';
import { AlertIcon, WaitingIcon } from '../icons.ts';
import { t } from '../strings.ts';
import type { MessageEvent, MessageProps } from './message-model.ts';
import css from './pending-line.module.css';

export interface PendingLineProps {
  pending: NonNullable<MessageProps['pending']>;
  onEvent(event: MessageEvent): void;
}

/** What is not yet everywhere says so where it stands; what was refused stays until the person decides. */
export function PendingLine({ pending, onEvent }: PendingLineProps) {
  if (pending.state === 'failed') {
    return (
      <div className={classNames(css.line, css.failed)}>
        <AlertIcon size={14} aria-hidden="true" />
        <span className={css.reason}>
          {pending.whole
            ? t('message.failed', { reason: pending.detail })
            : t('message.changeFailed', { reason: pending.detail })}
        </span>
        <span className={css.buttons}>
          <button type="button" onClick={() => onEvent({ do: 'retry' })}>
            {t('ledger.retry')}
          </button>
          <button type="button" onClick={() => onEvent({ do: 'editPending' })}>
            {t('ledger.edit')}
          </button>
          <button type="button" onClick={() => onEvent({ do: 'copyPending' })}>
            {t('ledger.copy')}
          </button>
          <button type="button" onClick={() => onEvent({ do: 'drop' })}>
            {t('ledger.delete')}
          </button>
        </span>
      </div>
    );
  }
  // What is on its way is there in a moment; a word that comes and goes within it would only flicker.
  if (pending.state === 'sent') return null;
  return (
    <div className={css.line}>
      <WaitingIcon size={13} aria-hidden="true" />
      <span>{pending.whole ? t('message.waiting') : t('message.changeWaiting')}</span>
    </div>
  );
}
