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

const names = Object.keys(SERVERS) as ServerName[];
const BODIES_EACH = 128;
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const TIMED_OUT = /^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/;

/** A request whose body is held back. */
const withheld = (requestLine: string): string =>
  `${rawText(requestLine, [FORM, 'Content-Length: 1000'])}username=`;
const WITHHELD = withheld('POST /auth/login');

/** Withheld bodies of several addresses of this machine, so many of each. */
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
  test(`[S43] ${BODIES_EACH} withheld bodies of each of four addresses keep no request out, with a body or without`, async (context) => {
    const { baseUrl } = await startServer(name, emptyFolder());
    const api = new Api(baseUrl);
    const { email, password, bearer } = await api.newAccount();
    const held = await withhold(baseUrl, 4, BODIES_EACH);
    // Two of them may have a quarter of the budget each, others a sixteenth: 352 are refused.
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

  test('[S43] bodies of many addresses that use the budget up: without a byte they end, with bytes they go on', async () => {
    const settings = { MAX_IN_FLIGHT: '64' };
    const { baseUrl } = await startServer(name, emptyFolder(), settings, SHORT_LIMITS);
    const api = new Api(baseUrl);
    const quiet = await startServer(name, emptyFolder(), settings, SHORT_LIMITS);
    const steady = await openWith(baseUrl, WITHHELD, { from: '127.0.0.9' });
    const trickle = setInterval(() => steady.socket.write('x'), 50);
    onTestFinished(() => clearInterval(trickle));
    // A body as old, on a server that has no other: while it may go on, the others were ended before their time.
    const alone = await openWith(quiet.baseUrl, WITHHELD);
    const held = await withhold(baseUrl, 16, 2);
    expect((await api.get('/readyz')).status).toBe(200);
    const ended = () => held.filter(({ received }) => TIMED_OUT.test(received())).length;
    await until(() => ended() >= 16);
    expect(hasAnswer(alone)).toBe(false);
    // Bun and Deno do not tell what comes in of a body that was begun before there were many.
    if (name === 'node') expect(hasAnswer(steady)).toBe(false);
    // Half of the budget is free by now, and the rest may pause.
    await until(() => held.every(hasAnswer) && hasAnswer(steady));
    expect(steady.received()).toMatch(TIMED_OUT);
    const refused = held.filter(({ received }) => received().includes('"code":"overloaded"'));
    expect(ended() + refused.length).toBe(held.length);
  });

  test('[S43] a body may pause for longer while there are few', async () => {
    const { baseUrl } = await startServer(name, emptyFolder(), {}, SHORT_LIMITS);
    const paused = await openWith(baseUrl, withheld('POST /auth/refresh'));
    await delay(1000);
    paused.socket.write('x'.repeat(1000 - 'username='.length));
    await until(() => hasAnswer(paused));
    expect(paused.received()).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('a body that keeps coming is read to its end before its caller is refused', async () => {
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
    // Deno closes the connection; the others go on with it.
    if (name === 'deno') return;
    slow.socket.write(rawText('GET /healthz', ['Connection: close']));
    await until(() => !slow.isOpen());
    expect(slow.received()).toMatch(/HTTP\/1\.1 200 /);
  });

  test('[S43] what no operation takes, and a caller who is refused, is answered before the body is there; the connection is not confused', async () => {
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
