import { PASSWORD } from '../accounts.ts';
import { get } from '../load/requests.ts';
import { atLeast, figure, type Outcome, row } from '../outcome.ts';
import { type Context, type Scenario, weightOf } from '../scenario.ts';
import { installBetterAuth, startBetterAuth } from '../servers/better-auth.ts';
import { ratios } from '../statistics.ts';
import { readersOf } from './read.ts';
import { compareThroughput, figuresOf, notesOf, type Rival } from './throughput.ts';

const READERS = 4;

/**
 * Starts Better Auth with users who sign up over HTTP. A sign-up also logs the user in; a cookie contains the session.
 */
async function rivalOf(context: Context, hasCookieCache: boolean): Promise<Rival> {
  const { node, folder, pinning } = context;
  const server = await context.started(
    startBetterAuth(node, folder, hasCookieCache, pinning.server),
  );
  const requests: string[] = [];
  for (let i = 0; i < READERS; i++) {
    const email = `ada.lovelace.${i}@example.com`;
    const response = await fetch(`http://127.0.0.1:${server.port}/api/auth/sign-up/email`, {
      method: 'POST',
      // Better Auth accepts requests only from its configured origin. This is that origin.
      headers: { 'Content-Type': 'application/json', Origin: 'http://127.0.0.1' },
      body: JSON.stringify({ email, password: PASSWORD, name: 'Ada Lovelace' }),
    });
    if (!response.ok) throw new Error(`Better Auth answered ${response.status} to a sign-up`);
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    const request = get('/api/auth/get-session', `Cookie: ${cookies.join('; ')}\r\n`);
    await assertSession(server.port, cookies.join('; '));
    requests.push(request);
  }
  const name = hasCookieCache ? 'Better Auth, cookie cache' : 'Better Auth';
  return { name, server, requests };
}

/** Checks the body, because Better Auth responds with 200 and `null` if there is no session. */
async function assertSession(port: number, cookie: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/get-session`, {
    headers: { Cookie: cookie },
  });
  const text = await response.text();
  if (!text.includes('"session"')) throw new Error(`Better Auth has no session: ${text}`);
}

async function run(context: Context): Promise<Outcome> {
  context.onStep(0, 'installing Better Auth, where it is not yet');
  const problem = installBetterAuth(context.node);
  if (problem !== undefined) return { notMeasured: problem };
  const { rival } = await readersOf(context, 'node');
  const rivals = [rival, await rivalOf(context, false), await rivalOf(context, true)];
  const all = await compareThroughput(context, rivals);
  const [own, uncached, cached] = all.map(({ perSecond }) => perSecond);
  const times = ratios(own ?? [], uncached ?? []);
  return {
    rows: [row(atLeast(15), figure('GET /profile/me, of Better Auth get-session', 'times', times))],
    figures: [
      ...figuresOf(all),
      figure(
        'Latchkey, of Better Auth with its cookie cache',
        'times',
        ratios(own ?? [], cached ?? []),
      ),
    ],
    notes: [
      ...notesOf(all),
      'With its cookie cache Better Auth asks no database: a session that has been ended reads on for up to five minutes. Latchkey looks each session up, so the target is against the setting that does so too.',
    ],
  };
}

export const betterAuth: Scenario = {
  name: 'better-auth',
  title: 'GET /profile/me on Node against Better Auth’s get-session',
  weight: (options) => 4 + weightOf(options, 3),
  run,
};
