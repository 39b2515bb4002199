import { useId } from 'react';
import css from './dialogs.module.css';

export interface SwitchProps {
  label: string;
  hint: string;
  on: boolean;
  onChange(on: boolean): void;
}

export function Switch({ label, hint, on, onChange }: SwitchProps) {
  const hintId = useId();
  return (
    <label className={css.switch}>
      <span className={css.switchText}>
        <span className={css.switchLabel}>{label}</span>
        <span className={css.hint} id={hintId}>
          {hint}
        </span>
      </span>
      <input
        className={css.switchBox}
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        aria-describedby={hintId}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  );
}
