import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { openWith, type RawConnection, rawText, until } from '../support/raw-connection.ts';
import {
  emptyFolder,
  SERVERS,
  type ServerName,
  SHORT_LIMITS,
  startServer,
} from '../support/server.ts';
import { BODY_LIMIT_MS, BODY_LIMITS } from '../support/short-limits/limits.ts';

const names = Object.keys(SERVERS) as ServerName[];
const BODIES_EACH = 128;
const BODY_BYTES = 1000;
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const TIMED_OUT = /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/;

/** Returns a request that announces a body and withholds it. */
const withheld = (requestLine: string): string =>
  `${rawText(requestLine, [FORM, `Content-Length: ${BODY_BYTES}`])}username=`;
const WITHHELD = withheld('POST /auth/login');

/** Opens connections from several addresses of this machine, and withholds the body of a request on each. */
const withhold = async (baseUrl: string, addresses: number, each: number) =>
  (
    await Promise.all(
      Array.from({ length: addresses }, (_, i) =>
        Promise.all(
          Array.from({ length: each }, () =>
            openWith(baseUrl, WITHHELD, { from: `127.0.0.${10 + i}` }),
          ),
        ),
      ),
    )
  ).flat();

const hasAnswer = ({ received }: RawConnection): boolean => received() !== '';

describe.each(names)('%s', (name) => {
  test(`[S43] ${BODIES_EACH} withheld bodies from each of four addresses do not block other requests, with or without a body`, async (context) => {
    const { baseUrl } = await startServer(name, emptyFolder());
    const api = new Api(baseUrl);
    const { email, password, bearer } = await api.newAccount();
    const held = await withhold(baseUrl, 4, BODIES_EACH);
    // Two of the addresses may use a quarter of the budget each, the other two a sixteenth each. So 352 bodies are
    // rejected.
    await until(() => held.filter(hasAnswer).length >= 352);
    const answers = await Promise.all([
      api.get('/readyz'),
      api.get('/profile/me', bearer),
      api.logIn(email, password),
      api.json('PUT', '/profile/me', { bio: 'x'.repeat(1000) }, bearer),
      api.json('POST', '/nowhere', { bio: 'x'.repeat(1000) }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404]);
    tallyOf(context).requests = held.length;
  });

  test('[S43] when bodies from many addresses use up the budget, those that stall time out and those that keep arriving continue', async () => {
    // Far longer than the test: a body that times out was idle.
    const settings = { MAX_IN_FLIGHT: '64', [BODY_LIMIT_MS]: '60000' };
    const { baseUrl } = await startServer(name, emptyFolder(), settings, SHORT_LIMITS);
    const api = new Api(baseUrl);
    const quiet = await startServer(name, emptyFolder(), settings, SHORT_LIMITS);
    const steady = await openWith(baseUrl, WITHHELD, { from: '127.0.0.9' });
    let sent = 'username='.length;
    const trickle = setInterval(() => {
      sent += 1;
      steady.socket.write('x');
    }, 50);
    onTestFinished(() => clearInterval(trickle));
    // A body of the same age, alone on another server.
    const alone = await openWith(quiet.baseUrl, WITHHELD);
    const held = await withhold(baseUrl, 16, 2);
    expect((await api.get('/readyz')).status).toBe(200);
    const ended = () => held.filter(({ received }) => TIMED_OUT.test(received())).length;
    // More than half of the budget was used: that much of it is free again once this many have ended.
    await until(() => [...held, steady].filter(hasAnswer).length >= 17);
    expect(ended()).toBeGreaterThan(0);
    expect(hasAnswer(alone)).toBe(false);
    // Now half of the budget is free again, and the remaining bodies may pause.
    const remaining = held.filter((body) => !hasAnswer(body));
    await delay(BODY_LIMITS.idleMs * 2);
    expect(remaining.filter(hasAnswer)).toEqual([]);
    const refused = held.filter(({ received }) => received().includes('"code":"overloaded"'));
    expect(ended() + refused.length + remaining.length).toBe(held.length);
    const late = [...remaining, alone];
    for (const { socket } of late) socket.write('x'.repeat(BODY_BYTES - 'username='.length));
    // On Bun and Deno, the progress of a body that began before the budget was crowded is not visible.
    if (name === 'node') {
      clearInterval(trickle);
      expect(hasAnswer(steady)).toBe(false);
      steady.socket.write('x'.repeat(BODY_BYTES - sent));
      late.push(steady);
    }
    await until(() => late.every(hasAnswer));
    for (const { received } of late) expect(received()).toMatch(/^HTTP\/1\.1 422 /);
  });

  test('[S43] a body may pause for longer while there are few bodies', async () => {
    const { baseUrl } = await startServer(name, emptyFolder(), {}, SHORT_LIMITS);
    const paused = await openWith(baseUrl, withheld('POST /auth/refresh'));
    await delay(1000);
    paused.socket.write('x'.repeat(BODY_BYTES - 'username='.length));
    await until(() => hasAnswer(paused));
    expect(paused.received()).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('a body that keeps arriving is read to its end before its caller is rejected', async () => {
    const { baseUrl } = await startServer(name, emptyFolder());
    const body = Buffer.alloc(60_000, 'x');
    const head = rawText('PUT /profile/me', [
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]);
    const slow = await openWith(baseUrl, head);
    for (let at = 0; at < body.length; at += 6000) {
      expect([at, slow.isOpen()]).toEqual([at, true]);
      slow.socket.write(body.subarray(at, at + 6000));
      await delay(200);
    }
    await until(() => hasAnswer(slow));
    expect(slow.received()).toMatch(/^HTTP\/1\.1 401 [\s\S]*"code":"not_authenticated"/);
    // Deno closes the connection. Node and Bun keep using it.
    if (name === 'deno') return;
    slow.socket.write(rawText('GET /healthz', ['Connection: close']));
    await until(() => !slow.isOpen());
    expect(slow.received()).toMatch(/HTTP\/1\.1 200 /);
  });

  test('[S43] a request to an unknown operation or by a rejected caller is answered before its body arrives, and the connection stays usable', async () => {
    const { baseUrl } = await startServer(name, emptyFolder());
    for (const [requestLine, status] of [
      ['POST /nowhere', 404],
      ['DELETE /auth/login', 405],
      ['OPTIONS /auth/login', 204],
      ['POST /auth/password/change', 401],
      ['PUT /profile/me', 401],
    ] as const) {
      const slow = await openWith(baseUrl, withheld(requestLine));
      await until(() => hasAnswer(slow));
      expect(slow.received()).toContain(`HTTP/1.1 ${status} `);

      const second = 'GET /healthz';
      const both = await openWith(
        baseUrl,
        rawText(requestLine, [FORM], 'username=') + rawText(second, ['Connection: close']),
      );
      await until(() => !both.isOpen());
      const statuses = [...both.received().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => code);
      expect(statuses).toEqual([String(status), '200']);
    }
  });
});
