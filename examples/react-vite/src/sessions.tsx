import type { Schema } from 'latchkey-client';
import { useEffect, useId, useState } from 'react';
import { client } from './client.ts';
import { ErrorText } from './field.tsx';
import { useCall } from './hooks.ts';

export function Sessions() {
  const [sessions, setSessions] = useState<readonly Schema<'Session'>[]>([]);
  const { isBusy, error, run } = useCall();
  const titleId = useId();

  const load = async () => setSessions((await client.listSessions()).data.sessions);
  const change = (call: () => Promise<unknown>) =>
    void run(async () => {
      await call();
      await load();
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: loads once, when the list appears.
  useEffect(() => void run(load), []);

  return (
    <section aria-labelledby={titleId}>
      <h2 id={titleId}>Sessions</h2>
      <ul>
        {sessions.map(({ id, current, user_agent, created_at }) => (
          <li key={id}>
            <span>
              {current ? 'This browser' : (user_agent ?? 'Unknown program')}
              <small>since {new Date(created_at).toLocaleString()}</small>
            </span>
            {!current && (
              <button
                type="button"
                disabled={isBusy}
                onClick={() => change(() => client.endSession(id))}
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <button
        type="button"
        disabled={isBusy || sessions.length < 2}
        onClick={() => change(() => client.endSessions())}
      >
        End all other sessions
      </button>
      <ErrorText text={error} />
    </section>
  );
}
