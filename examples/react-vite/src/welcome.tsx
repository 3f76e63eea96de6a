import { type FormEvent, useState } from 'react';
import { client } from './client.ts';
import { ErrorText, Field, textOf } from './field.tsx';
import { useCall } from './hooks.ts';

/** The page for logging in or signing up. */
export function Welcome({ isLost }: { readonly isLost: boolean }) {
  const [isNew, setNew] = useState(false);
  const { isBusy, error, run } = useCall();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [email, password] = [textOf(data, 'username'), textOf(data, 'password')];
    void run(() =>
      isNew
        ? client.signUp({ email, password, name: textOf(data, 'name') }, { login: true })
        : client.logIn(email, password),
    );
  }

  return (
    <>
      <h1>{isNew ? 'Sign up' : 'Log in'}</h1>
      {isLost && <p role="status">Your session has ended. Log in again.</p>}
      <form onSubmit={submit}>
        {isNew && <Field label="Name" name="name" autoComplete="name" required />}
        <Field
          label={isNew ? 'Email address' : 'Email address or phone number'}
          name="username"
          type={isNew ? 'email' : 'text'}
          autoComplete="username"
          required
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
        />
        <ErrorText text={error} />
        <button type="submit" disabled={isBusy}>
          {isNew ? 'Create account' : 'Log in'}
        </button>
      </form>
      <p>
        {isNew ? 'Do you have an account? ' : 'Are you new here? '}
        <button type="button" className="link" onClick={() => setNew(!isNew)}>
          {isNew ? 'Log in instead' : 'Sign up instead'}
        </button>
      </p>
    </>
  );
}
