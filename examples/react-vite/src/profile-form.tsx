import type { Schema } from 'latchkey-client';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { client } from './client.ts';
import { ErrorText, Field, textOf } from './field.tsx';
import { useCall } from './hooks.ts';

interface Loaded {
  readonly profile: Schema<'Profile'>;
  /** The version of the profile. Prevents overwriting a change from another tab. */
  readonly etag: string | undefined;
}

export function ProfileForm() {
  const [loaded, setLoaded] = useState<Loaded>();
  const [isSaved, setSaved] = useState(false);
  const { isBusy, error, run } = useCall();
  const titleId = useId();
  const bioId = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: loads once, when the form appears.
  useEffect(() => {
    const leaving = new AbortController();
    client.getProfile({ signal: leaving.signal }).then(
      ({ data, etag }) => setLoaded({ profile: data, etag }),
      (reason) => {
        if (!leaving.signal.aborted) void run(() => Promise.reject(reason));
      },
    );
    return () => leaving.abort();
  }, []);

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const changes = { name: textOf(form, 'name'), bio: textOf(form, 'bio') };
    setSaved(false);
    void run(async () => {
      const { data, etag } = await client.updateProfile(changes, { ifMatch: loaded?.etag });
      setLoaded({ profile: data, etag });
      setSaved(true);
    });
  }

  return (
    <section aria-labelledby={titleId}>
      <h2 id={titleId}>Profile</h2>
      {loaded && (
        <form onSubmit={save}>
          <p>{loaded.profile.email ?? loaded.profile.phone}</p>
          <Field
            label="Name"
            name="name"
            autoComplete="name"
            defaultValue={loaded.profile.name ?? ''}
          />
          <p>
            <label htmlFor={bioId}>Bio</label>
            <textarea id={bioId} name="bio" rows={3} defaultValue={loaded.profile.bio} />
          </p>
          <button type="submit" disabled={isBusy}>
            Save
          </button>
          <p role="status">{isSaved && 'Saved.'}</p>
        </form>
      )}
      <ErrorText text={error} />
    </section>
  );
}
