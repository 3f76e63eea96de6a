import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/core/log.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { VERSION } from '../../src/core/version.ts';
import { createBreachedPasswords } from '../../src/features/passwords/breached.ts';
import { freePort } from '../support/free-port.ts';
import { type RangeServer, sha1, startRangeServer } from '../support/range-server.ts';

const PASSWORD = 'Zoë trinkt Ångström';

function checkAt(url: string) {
  const logs: string[] = [];
  const breached = createBreachedPasswords(
    url,
    createLogger('debug', (line) => logs.push(line)),
    createOutbound(fetch),
  );
  return { has: breached.has, logs };
}

describe('a working range API', () => {
  test('reports a listed password as breached, in any normal form, but no other password', async () => {
    const { url } = await startRangeServer({ [PASSWORD]: 3 });
    const { has, logs } = checkAt(url);
    expect(await has(PASSWORD.normalize('NFC'))).toBe(true);
    expect(await has(PASSWORD.normalize('NFD'))).toBe(true);
    expect(await has(PASSWORD.toLowerCase())).toBe(false);
    expect(logs).toEqual([]);
  });

  test('receives only five digits of the hash and the request for padding', async () => {
    const { url, requests } = await startRangeServer({ [PASSWORD]: 3 });
    await checkAt(url).has(PASSWORD);
    expect(requests).toHaveLength(1);
    const [{ url: path, headers } = { url: '', headers: {} }] = requests;
    expect(path).toBe(`/range/${sha1(PASSWORD).slice(0, 5)}`);
    expect(headers).toMatchObject({ 'add-padding': 'true', 'user-agent': `latchkey/${VERSION}` });
    expect(JSON.stringify(headers).toUpperCase()).not.toContain(sha1(PASSWORD).slice(5));
  });

  test('may list an entry with count zero, which is padding', async () => {
    const { url } = await startRangeServer({ [PASSWORD]: 0 });
    const { has, logs } = checkAt(url);
    expect([await has(PASSWORD), logs]).toEqual([false, []]);
  });

  test('may send lower-case digits, bare line feeds or an empty response', async () => {
    const line = `${sha1(PASSWORD).slice(5).toLowerCase()}:1\n`;
    const small = await startRangeServer({}, (response) => response.end(line));
    expect(await checkAt(small.url).has(PASSWORD)).toBe(true);
    const empty = checkAt((await startRangeServer({}, (response) => response.end())).url);
    expect([await empty.has(PASSWORD), empty.logs]).toEqual([false, []]);
  });
});

describe('if the range API fails, the password is accepted and the reason is logged', () => {
  const listed = `${sha1(PASSWORD).slice(5)}:9`;

  async function expectNoAnswer(url: string, reason: string) {
    const { has, logs } = checkAt(url);
    expect(await has(PASSWORD)).toBe(false);
    expect(logs.map((line) => JSON.parse(line))).toEqual([
      { time: expect.any(String), level: 'warn', event: 'breach_check_failed', reason },
    ]);
    const written = logs.join().toUpperCase();
    for (const secret of [PASSWORD.toUpperCase(), sha1(PASSWORD).slice(0, 5), listed]) {
      expect(written).not.toContain(secret);
    }
  }

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['returns 503', 'status_503', (response) => response.writeHead(503).end(listed)],
    ['returns 404', 'status_404', (response) => response.writeHead(404).end(listed)],
    ['returns a page', 'unreadable', (response) => response.end('<!doctype html>\nhello')],
    [
      'returns a line of another format',
      'unreadable',
      (response) => response.end(`${listed}\nhello`),
    ],
    [
      'closes the connection',
      'unreachable',
      (response) => response.write('0', () => response.destroy()),
    ],
    ['never responds', 'too_slow', () => {}],
    ['never ends its response', 'too_slow', (response) => void response.write(`${listed}\r\n`)],
    ['sends without end', 'too_long', (response) => void pour(response)],
  ])('it %s: %s', async (_title, reason, answer) => {
    await expectNoAnswer((await startRangeServer({}, answer)).url, reason);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await startRangeServer({ [PASSWORD]: 3 });
    const Location = `${elsewhere.url}${sha1(PASSWORD).slice(0, 5)}`;
    const { url } = await startRangeServer({}, (response) =>
      response.writeHead(302, { Location }).end(),
    );
    await expectNoAnswer(url, 'status_302');
    expect(elsewhere.requests).toEqual([]);
  });

  test('no server listens', async () => {
    await expectNoAnswer(`http://127.0.0.1:${await freePort()}/range/`, 'unreachable');
  });

  test('the connection is closed after a response that is too long or too slow', async () => {
    for (const more of [pour, (response: ServerResponse) => void response.write(' ')]) {
      let closed: Promise<unknown> | undefined;
      const server: RangeServer = await startRangeServer({}, (response) => {
        closed = once(response, 'close');
        void more(response);
      });
      expect(await checkAt(server.url).has(PASSWORD)).toBe(false);
      await closed;
    }
  });
});

/** Writes until the client has disconnected. */
async function pour(response: ServerResponse): Promise<void> {
  const lines = `${'0'.repeat(35)}:0\r\n`.repeat(1000);
  const gone = once(response, 'close');
  while (!response.destroyed) {
    if (!response.write(lines)) await Promise.race([once(response, 'drain'), gone]);
  }
}
