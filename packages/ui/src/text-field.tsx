import { Field } from '@base-ui/react/field';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';
import css from './text-field.module.css';

export interface TextFieldProps extends Omit<ComponentProps<'input'>, 'size' | 'value' | 'onChange'> {
  label: string;
  value: string;
  onText(text: string): void;
  hint?: string;
  /** What is wrong with it, in words; marks the field as invalid. */
  problem?: string | null;
  optional?: string;
}

/** A labelled line of text; the hint and the problem are read out with it. */
export function TextField({ label, value, onText, hint, problem, optional, className, ...rest }: TextFieldProps) {
  return (
    <Field.Root className={classNames(css.field, className)} invalid={Boolean(problem)}>
      <Field.Label className={css.label}>
        {label}
        {optional && <span className={css.optional}>{optional}</span>}
      </Field.Label>
      <Field.Control
        {...rest}
        className={css.input}
        dir="auto"
        value={value}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      {problem ? (
        <Field.Error className={css.problem} match>
          {problem}
        </Field.Error>
      ) : (
        hint && <Field.Description className={css.hint}>{hint}</Field.Description>
      )}
    </Field.Root>
  );
}
