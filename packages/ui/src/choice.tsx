import { Radio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { useId } from 'react';
import css from './choice.module.css';

export interface ChoiceProps<V extends string> {
  label: string;
  hint?: string;
  options: readonly { readonly value: V; readonly label: string }[];
  value: V;
  onValue(value: V): void;
}

/** One of a few, all in sight; arrow keys go from one to the next. */
export function Choice<V extends string>({ label, hint, options, value, onValue }: ChoiceProps<V>) {
  const id = useId();
  return (
    <div className={css.choice}>
      <span className={css.text}>
        <span className={css.label} id={id}>
          {label}
        </span>
        {hint !== undefined && <span className={css.hint}>{hint}</span>}
      </span>
      <RadioGroup
        className={css.options}
        aria-labelledby={id}
        value={value}
        onValueChange={(next) => onValue(next as V)}
      >
        {options.map((option) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the radio within is the control
          <label key={option.value} className={css.option}>
            <Radio.Root className={css.radio ?? ''} value={option.value} />
            {option.label}
          </label>
        ))}
      </RadioGroup>
    </div>
  );
}
