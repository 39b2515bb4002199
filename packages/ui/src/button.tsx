import type { ComponentProps, ReactNode } from 'react';
import css from './button.module.css';
import { classNames } from './class-names.ts';

export interface ButtonProps extends ComponentProps<'button'> {
  look?: 'primary' | 'plain' | 'danger';
  size?: 'normal' | 'small';
  busy?: boolean;
}

export function Button({ look = 'plain', size = 'normal', busy = false, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classNames(css.button, css[look], css[size], className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    />
  );
}

export interface IconButtonProps extends ComponentProps<'button'> {
  label: string;
  icon: ReactNode;
  size?: 'normal' | 'small';
  pressed?: boolean;
  /** Shows the label on hover; off where a tooltip would sit on top of what is pointed at. */
  titled?: boolean;
}

export function IconButton({
  label,
  icon,
  size = 'normal',
  pressed,
  titled = true,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={classNames(css.icon, size === 'small' && css.iconSmall, className)}
      aria-label={label}
      aria-pressed={pressed}
      title={titled ? label : undefined}
      {...rest}
    >
      {icon}
    </button>
  );
}
