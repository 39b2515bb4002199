import { Dialog as Base } from '@base-ui/react/dialog';
import type { FormEvent, ReactNode, RefObject } from 'react';
import { Button, IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import css from './dialog.module.css';
import { CloseIcon } from './icons.ts';
import { t } from './strings.ts';

export interface DialogProps {
  title: string;
  open: boolean;
  onClose(): void;
  children: ReactNode;
  /** Buttons of the last line. */
  footer?: ReactNode;
  width?: 'narrow' | 'wide';
  /** Makes the body a form; Enter in a field submits it. */
  onSubmit?(): void;
  initialFocus?: RefObject<HTMLElement | null>;
  /** Leaves the title to screen readers, for panels that begin with their own field. */
  bare?: boolean;
}

/** A modal: focus stays in it and returns where it was, Escape and the backdrop close it. */
export function Dialog(props: DialogProps) {
  const { title, open, onClose, children, footer, width = 'narrow', onSubmit, initialFocus, bare = false } = props;
  const inner = (
    <>
      <div className={classNames(css.body, bare && css.bareBody)}>{children}</div>
      {footer && <div className={css.footer}>{footer}</div>}
    </>
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup
          className={classNames(css.popup, css[width], bare && css.high)}
          {...(initialFocus ? { initialFocus } : {})}
        >
          <div className={bare ? css.hidden : css.header}>
            <Base.Title className={css.title} dir="auto">
              {title}
            </Base.Title>
            {!bare && (
              <Base.Close
                render={<IconButton label={t('common.close')} icon={<CloseIcon size={18} />} titled={false} />}
              />
            )}
          </div>
          {onSubmit ? (
            <form className={css.form} onSubmit={submit} noValidate>
              {inner}
            </form>
          ) : (
            inner
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export interface ConfirmDialogProps {
  title: string;
  body: ReactNode;
  confirm: string;
  open: boolean;
  danger?: boolean;
  onConfirm(): void;
  onClose(): void;
}

export function ConfirmDialog({ title, body, confirm, open, danger = false, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog
      title={title}
      open={open}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <div className={css.message}>{body}</div>
    </Dialog>
  );
}
