import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, Api } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { openWith, until } from '../support/raw-connection.ts';
import {
  emptyFolder,
  LONG_TESTED,
  SERVERS,
  type ServerName,
  SHORT_LIMITS,
  startServer,
} from '../support/server.ts';

const names = Object.keys(SERVERS) as ServerName[];

/** More logins than can run and wait on a machine with fewer processors than this. */
const LOGINS = 150;
const CAP = 4;

const SLOW_BODY = [
  'POST /auth/login HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Length: 1000',
  '',
  'username=',
].join('\r\n');
const SLOW_HEADERS = 'GET /profile/me HTTP/1.1\r\nHost: localhost\r\n';

const isRefusal = (answer: Answer): boolean =>
  answer.status === 503 &&
  answer.at('code') === 'overloaded' &&
  answer.headers.get('Content-Type') === 'application/problem+json' &&
  Number(answer.headers.get('Retry-After')) > 0;

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

describe.each(LONG_TESTED)('%s', (name) => {
  test(`of ${LOGINS} concurrent logins, each returns 200, or 503 with Retry-After, and reads succeed meanwhile`, async (context) => {
    const server = await startServer(name, emptyFolder(), { PASSWORD_ROUNDS: '4' });
    const api = new Api(server.baseUrl);
    const { email, password, bearer } = await api.newAccount();
    let isOver = false;
    const reads: Answer[] = [];
    const reading = until(async () => {
      reads.push(await api.get('/profile/me', bearer));
      return isOver;
    });
    const begun = performance.now();
    const logIns = await Promise.all(
      Array.from({ length: LOGINS }, async () => {
        const answer = await api.logIn(email, password);
        return { answer, ms: performance.now() - begun };
      }),
    );
    isOver = true;
    await reading;

    const served = logIns.filter(({ answer }) => answer.status === 200);
    const refused = logIns.filter(({ answer }) => isRefusal(answer));
    expect(served.length + refused.length).toBe(LOGINS);
    // A slow machine admits fewer logins than the queue could hold, because the last ones would wait too long.
    expect(served.length).toBeGreaterThanOrEqual(8);
    expect(refused.length).toBeGreaterThan(0);
    // A rejection is faster than a login that waits for its turn.
    expect(median(refused.map(({ ms }) => ms))).toBeLessThan(median(served.map(({ ms }) => ms)));
    expect(reads.length).toBeGreaterThan(5);
    expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await api.logIn(email, password)).status).toBe(200);
    tallyOf(context).requests = api.observations.length;
  });
});

describe.each(names)('%s', (name) => {
  test('with MAX_IN_FLIGHT requests in flight, further requests return 503, but /healthz returns 200, until a client disconnects', async () => {
    const { baseUrl } = await startServer(name, emptyFolder(), { MAX_IN_FLIGHT: '1' });
    const api = new Api(baseUrl);
    // Repeated, because the slot of the first client must be free again after it has disconnected.
    for (let round = 0; round < 2; round++) {
      const held = await openWith(baseUrl, SLOW_BODY);
      await until(async () => (await api.get('/readyz')).status === 503);
      const large = { username: 'ada@example.com', password: 'x'.repeat(60_000) };
      const answers = await Promise.all([
        api.get('/profile/me'),
        api.form('/auth/login', large),
        api.json('POST', '/auth/signup', { email: 'ada@example.com', password: 'analytical' }),
      ]);
      expect(answers.map(isRefusal)).toEqual([true, true, true]);
      expect((await api.get('/healthz')).status).toBe(200);
      expect(held.received()).toBe('');
      held.socket.resetAndDestroy();
      await until(async () => (await api.get('/readyz')).status === 200);
    }
  });

  test('a body that arrives too slowly is rejected with 408, and other requests succeed meanwhile', async () => {
    const { baseUrl } = await startServer(name, emptyFolder(), {}, SHORT_LIMITS);
    const slow = await openWith(baseUrl, SLOW_BODY);
    const trickle = setInterval(() => slow.socket.write('x'), 50);
    onTestFinished(() => clearInterval(trickle));
    expect((await new Api(baseUrl).get('/readyz')).status).toBe(200);
    await until(() => slow.received() !== '');
    expect(slow.received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(slow.received()).toContain('"code":"request_timeout"');
  });

  test('many idle connections do not block other clients', async () => {
    const { baseUrl } = await startServer(name, emptyFolder(), { MAX_IN_FLIGHT: String(CAP) });
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => openWith(baseUrl, i % 2 ? SLOW_HEADERS : '')),
    );
    const answers = await Promise.all(
      Array.from({ length: CAP }, () => new Api(baseUrl).get('/readyz')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});

describe('node', () => {
  test('header fields that arrive too slowly or never cause a 408, and other requests succeed meanwhile', async () => {
    const { baseUrl } = await startServer('node', emptyFolder(), {}, SHORT_LIMITS);
    const slow = await openWith(baseUrl, SLOW_HEADERS);
    const silent = await openWith(baseUrl, '');
    const trickle = setInterval(() => slow.socket.write('X-Slow: 1\r\n'), 50);
    onTestFinished(() => clearInterval(trickle));
    expect((await new Api(baseUrl).get('/readyz')).status).toBe(200);
    await until(() => !slow.isOpen() && !silent.isOpen());
    expect(slow.received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(silent.received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
});
