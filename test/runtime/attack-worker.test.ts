import { expect, test } from 'vitest';
import { type Answer, uniqueEmail } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { startServerDatabase } from '../support/server-database.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startBundle } from '../support/worker-bundle.ts';

const BOUND_MS = 30_000;

test('[S38] a Worker returns 503 in bounded time while its libSQL server is silent, cut off or killed, and then recovers', async (context) => {
  const tally = tallyOf(context);
  const database = await startServerDatabase();
  const proxy = await startTcpProxy(database.port);
  const settings = [
    'APP_ENV=development',
    'SECRET_KEY=x',
    'PASSWORD_ROUNDS=1',
    'RATE_LIMIT_SIGNUP=off',
    `DATABASE_URL=http://127.0.0.1:${proxy.port}`,
  ];
  const { api } = await startBundle(`${settings.join('\n')}\n`);
  const email = uniqueEmail();
  const signUp = (): Promise<Answer> => {
    tally.requests += 1;
    return api.json('POST', '/auth/signup', { email, password: 'analytical engine' });
  };

  async function expectOutage(): Promise<void> {
    tally.faults += 1;
    const begun = performance.now();
    const refused = await signUp();
    expect([refused.status, refused.at('code')]).toEqual([503, 'database_unavailable']);
    expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/);
    const statuses = ['/readyz', '/healthz'].map(async (path) => (await api.get(path)).status);
    expect(await Promise.all(statuses)).toEqual([503, 200]);
    tally.requests += 2;
    expect(performance.now() - begun).toBeLessThan(BOUND_MS);
  }

  for (const fault of ['silent', 'reset before the server gets it'] as const) {
    proxy.become(fault);
    await expectOutage();
  }
  proxy.become('none');
  await database.kill();
  await expectOutage();
  await database.startAgain();
  expect((await signUp()).status).toBe(201);
  tally.acknowledged += 1;

  expect((await api.get('/readyz')).status).toBe(200);
});
