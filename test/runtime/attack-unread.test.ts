import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { peakMemory } from '../support/memory.ts';
import { openWith, rawText, until } from '../support/raw-connection.ts';
import { emptyFolder, type ServerName, SHORT_LIMITS, startServer } from '../support/server.ts';
import { CONNECTION_LIMITS } from '../support/short-limits/limits.ts';

const SERVERS: readonly ServerName[] = ['node', 'bun', 'deno'];
const PIPELINED = 2000;
/** The number of events on one page. */
const EVENTS = 100;
/** Maximum growth of the process's memory, in megabytes. */
const MAX_GROWTH = 40;

test.for(SERVERS)(
  `[S44] %s: ${PIPELINED} pipelined requests for a page, on a connection that reads nothing, hold little memory`,
  async (name, context) => {
    const server = await startServer(name, emptyFolder(), {}, SHORT_LIMITS);
    const api = new Api(server.baseUrl);
    const { bearer } = await api.newAccount();
    for (let i = 0; i < EVENTS; i++) {
      await api.json(
        'PUT',
        '/profile/me',
        { bio: String(i) },
        { ...bearer, 'User-Agent': 'x'.repeat(256) },
      );
    }
    const page = await api.get('/auth/activity', bearer);
    expect(page.text.length).toBeGreaterThan(40_000);
    const before = peakMemory(server.pid);

    const request = rawText('GET /auth/activity', [`Authorization: ${bearer.Authorization}`]);
    await openWith(server.baseUrl, request.repeat(PIPELINED), { isDeaf: true });
    await delay(1500);
    const others = await Promise.all([api.get('/readyz'), api.get('/profile/me', bearer)]);
    expect(others.map(({ status }) => status)).toEqual([200, 200]);
    const growth = peakMemory(server.pid) - before;
    console.log(`${name}: grown by ${growth} MB`);
    expect(growth).toBeLessThan(MAX_GROWTH);
    tallyOf(context).requests = PIPELINED;
  },
);

/** More than the buffers of a connection can hold. */
const FILES = 16;
const FILE_BYTES = 1_700_000;
/** Longer than the server waits for a client that reads nothing. */
const DEAF_MS = CONNECTION_LIMITS.answers.stallMs * 2;

test('[S44] node: a client that reads a response slowly gets all of it; one that reads nothing is disconnected', async () => {
  const server = await startServer('node', emptyFolder(), {}, SHORT_LIMITS);
  const request = rawText(`GET ${DOCS_BUNDLE}`).repeat(FILES);
  const [slow, deaf] = await Promise.all(
    [0, 1].map(() => openWith(server.baseUrl, request, { isDeaf: true })),
  );
  if (!slow || !deaf) throw new Error('Both are open');
  const bytes = { slow: 0, deaf: 0 };
  slow.socket.on('data', (part: Buffer) => {
    bytes.slow += part.length;
    slow.socket.pause();
  });
  const sips = setInterval(() => slow.socket.resume(), 20);
  onTestFinished(() => clearInterval(sips));
  await delay(DEAF_MS);
  deaf.socket.on('data', (part: Buffer) => {
    bytes.deaf += part.length;
  });
  deaf.socket.resume();
  await until(() => !deaf.isOpen());
  expect(bytes.deaf).toBeLessThan(FILES * FILE_BYTES);

  expect([slow.isOpen(), bytes.slow < FILES * FILE_BYTES]).toEqual([true, true]);
  clearInterval(sips);
  slow.socket.removeAllListeners('data').on('data', (part: Buffer) => {
    bytes.slow += part.length;
  });
  slow.socket.resume();
  await until(() => bytes.slow > FILES * FILE_BYTES);
});
