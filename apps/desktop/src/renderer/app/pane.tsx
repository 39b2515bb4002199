import { CloseIcon, IconButton, ResizeHandle, t } from '@parley/ui';
import type { ReactNode } from 'react';
import { view } from '../state/view-store.ts';
import css from './pane.module.css';
import { PANE, useWidth } from './use-width.ts';

export interface PaneFrameProps {
  title: string;
  subtitle?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of whatever stands to the right. */
export function PaneFrame({ title, subtitle, actions, children }: PaneFrameProps) {
  const [width, setWidth] = useWidth('pane', PANE);
  return (
    <aside
      className={css.pane}
      style={width === null ? {} : { inlineSize: width }}
      aria-label={title}
      data-region="pane"
    >
      <ResizeHandle width={width ?? PANE.normal} least={PANE.least} most={PANE.most} side="start" onWidth={setWidth} />
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
