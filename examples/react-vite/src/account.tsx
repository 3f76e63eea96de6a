import { client } from './client.ts';
import { ErrorText } from './field.tsx';
import { useCall } from './hooks.ts';
import { ProfileForm } from './profile-form.tsx';
import { Sessions } from './sessions.tsx';

/** The page of a logged-in user. */
export function Account() {
  const { isBusy, error, run } = useCall();
  return (
    <>
      <header>
        <h1>Your account</h1>
        <button type="button" disabled={isBusy} onClick={() => void run(() => client.logOut())}>
          Log out
        </button>
      </header>
      <ErrorText text={error} />
      <ProfileForm />
      <Sessions />
    </>
  );
}
