import { CloseIcon, IconButton, t } from '@parley/ui';
import type { ReactNode } from 'react';
import { view } from '../state/view-store.ts';
import css from './pane.module.css';

export interface PaneFrameProps {
  title: string;
  subtitle?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of whatever stands to the right. */
export function PaneFrame({ title, subtitle, actions, children }: PaneFrameProps) {
  return (
    <aside className={css.pane} aria-label={title} data-region="pane">
      <header className={css.header}>
        <h2 className={css.title}>{title}</h2>
        {subtitle !== undefined && <bdi className={css.subtitle}>{subtitle}</bdi>}
        <span className={css.actions}>
          {actions}
          <IconButton label={t('common.close')} icon={<CloseIcon size={18} />} onClick={() => view.pane(null)} />
        </span>
      </header>
      {children}
    </aside>
  );
}
