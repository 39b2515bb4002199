import { Menu as Base } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import css from './menu.module.css';

export interface MenuItem {
  key: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  /** Why it can't be done; the entry stays, greyed, and says so. */
  reason?: string;
  onSelect(): void;
}

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  /** Entries; null draws a hairline. */
  items: readonly (MenuItem | null)[];
  align?: 'start' | 'end';
  header?: ReactNode;
  onOpenChange?(open: boolean): void;
}

export function Menu({ trigger, items, align = 'start', header, onOpenChange }: MenuProps) {
  return (
    <Base.Root modal={false} {...(onOpenChange ? { onOpenChange } : {})}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={css.positioner} sideOffset={4} align={align} collisionPadding={8}>
          <Base.Popup className={css.popup}>
            {header && <div className={css.header}>{header}</div>}
            {items.map((item, at) =>
              item === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: hairlines have no identity of their own
                <Base.Separator key={`line-${at}`} className={css.line} />
              ) : (
                <Base.Item
                  key={item.key}
                  className={classNames(css.item, item.danger && css.danger)}
                  disabled={item.reason !== undefined}
                  onClick={item.onSelect}
                >
                  <span className={css.icon}>{item.icon}</span>
                  <span className={css.text}>
                    {item.label}
                    {item.reason !== undefined && <span className={css.reason}>{item.reason}</span>}
                  </span>
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
