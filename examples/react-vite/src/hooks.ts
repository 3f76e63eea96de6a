import type { ClientSession } from 'latchkey-client';
import { useEffect, useState } from 'react';
import { client, explain } from './client.ts';

interface SessionState {
  readonly isLoading: boolean;
  readonly session: ClientSession | undefined;
  /** True if the session ended without a logout in this tab. */
  readonly isLost: boolean;
}

/** The login of this page. Follows logins and logouts of other tabs. */
export function useSession(): SessionState {
  const [state, setState] = useState<SessionState>({
    isLoading: true,
    session: undefined,
    isLost: false,
  });
  useEffect(() => {
    const show = (session: ClientSession | undefined, isLost: boolean) =>
      setState({ isLoading: false, session, isLost });
    void client.getSession().then((session) => show(session, false));
    return client.onChange(({ type, session }) => show(session, type === 'lost'));
  }, []);
  return state;
}

/** A call that the user starts. Tracks whether it is in flight, and the text to show if it has failed. */
export function useCall() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState('');
  async function run(call: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setError('');
    try {
      await call();
    } catch (reason) {
      setError(explain(reason));
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, error, run };
}
