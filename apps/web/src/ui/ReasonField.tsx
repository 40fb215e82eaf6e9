import type { ReactElement, ReactNode, Ref } from 'react';

import { Field } from './Field.tsx';

const MOST_LETTERS = 4000; // as the service takes

interface Props {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  /** True unless it is left to who says it. */
  readonly required?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly ref?: Ref<HTMLTextAreaElement>;
}

/** Why somebody does what stays in a record. */
export function ReasonField({ value, onChange, ref, required = true, ...field }: Props): ReactElement {
  return (
    <Field {...field} required={required}>
      {(control) => (
        <textarea
          {...control}
          ref={ref}
          maxLength={MOST_LETTERS}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
