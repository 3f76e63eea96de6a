import { type ComponentProps, useId } from 'react';

/** A text field with its label. */
export function Field({ label, ...input }: ComponentProps<'input'> & { readonly label: string }) {
  const id = useId();
  return (
    <p>
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} />
    </p>
  );
}

/** The error of a call. Screen readers announce it. */
export const ErrorText = ({ text }: { readonly text: string }) => (
  <p role="alert" className="error">
    {text}
  </p>
);

/** The text of a field in a form. */
export const textOf = (data: FormData, name: string): string => String(data.get(name) ?? '');
