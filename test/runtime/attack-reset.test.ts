import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { Api, uniqueEmail } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { rawText, sendAndReset } from '../support/raw-connection.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';

const SERVERS: readonly ServerName[] = ['node', 'bun', 'deno'];
const PASSWORD = 'analytical engine';
const RESETS = 20;
/** The duration of the flood of reset logins, in milliseconds, and its rate per second. */
const FLOOD_MS = 2000;
const FLOOD_RATE = 40;
/** An address that differs from that of the regular clients. */
const ATTACKER = '127.0.0.9';

const signUpOf = (email: string): string =>
  rawText(
    'POST /auth/signup',
    ['Content-Type: application/json'],
    JSON.stringify({ email, password: PASSWORD }),
  );

const logInOf = (email: string): string =>
  rawText(
    'POST /auth/login',
    ['Content-Type: application/x-www-form-urlencoded'],
    new URLSearchParams({ username: email, password: PASSWORD }).toString(),
  );

/** Reads a database: the email addresses of its accounts, and the number of events without an address. */
async function contentsOf(url: string): Promise<{ emails: string[]; unknown: number }> {
  const client = createClient({ url });
  try {
    const { rows: users } = await client.execute('SELECT email FROM users');
    const { rows } = await client.execute(
      'SELECT count(*) AS count FROM audit_events WHERE address IS NULL',
    );
    return { emails: users.map(({ email }) => String(email)), unknown: Number(rows[0]?.count) };
  } finally {
    client.close();
  }
}

test.for(SERVERS)(
  `[S42] [S12] %s: none of ${RESETS} sign-ups over the limit succeeds by resetting its connection`,
  async (name, context) => {
    const folder = emptyFolder();
    const settings = {
      DATABASE_URL: 'file:./x.db',
      RATE_LIMIT_SIGNUP: '1/1h',
      SEED_DEMO_USER: 'false',
    };
    const server = await startServer(name, folder, settings);
    const api = new Api(server.baseUrl);
    const email = uniqueEmail();
    expect((await api.json('POST', '/auth/signup', { email, password: PASSWORD })).status).toBe(
      201,
    );
    for (let i = 0; i < RESETS; i++) {
      await sendAndReset(server.baseUrl, signUpOf(uniqueEmail()));
      await delay(10);
    }
    // Waits until the server has processed the earlier requests.
    await delay(500);
    expect((await api.logIn(email, PASSWORD)).status).toBe(200);
    await server.stop();
    expect(await contentsOf(`file:${folder}/x.db`)).toEqual({ emails: [email], unknown: 0 });
    tallyOf(context).requests = RESETS;
  },
);

test.for(SERVERS)(
  `[S42] %s: ${FLOOD_RATE} logins a second with reset connections do not block other logins`,
  async (name, context) => {
    const settings = { PASSWORD_ROUNDS: '12', RATE_LIMIT_LOGIN: '10/60s', SEED_DEMO_USER: 'false' };
    const limits = { ...settings, RATE_LIMIT_LOGIN_ADDRESS: '6/60s' };
    const server = await startServer(name, emptyFolder(), limits);
    const api = new Api(server.baseUrl);
    const { email } = await api.newAccount();
    let sent = 0;
    const end = Date.now() + FLOOD_MS;
    const flood = (async () => {
      for (; Date.now() < end; sent++) {
        await sendAndReset(server.baseUrl, logInOf(uniqueEmail()), ATTACKER);
        await delay(1000 / FLOOD_RATE);
      }
    })();
    const statuses: number[] = [];
    await delay(FLOOD_MS / 2);
    for (let i = 0; i < 4; i++) statuses.push((await api.logIn(email, PASSWORD)).status);
    await flood;
    expect(statuses).toEqual([200, 200, 200, 200]);
    tallyOf(context).requests = sent;
  },
);
