import { expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { tallyOf } from '../support/attack-tally.ts';
import { DOCS_BUNDLE } from '../support/docs-paths.ts';
import { peakMemory } from '../support/memory.ts';
import { openWith, rawText, until } from '../support/raw-connection.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';

const REQUESTS = 600;
/** Maximum growth of the process's memory, in megabytes. */
const MAX_GROWTH = 150;

test.for<ServerName>(['node', 'bun', 'deno'])(
  `[S41] %s: ${REQUESTS} requests for the largest file right after the start read it once and share it`,
  async (name, context) => {
    // With the default of 512, a few of the requests could be rejected as overload.
    const server = await startServer(name, emptyFolder(), { MAX_IN_FLIGHT: '1000' });
    const api = new Api(server.baseUrl);
    await api.get('/healthz');
    const before = peakMemory(server.pid);

    const downloads = await Promise.all(
      Array.from({ length: REQUESTS }, () =>
        openWith(server.baseUrl, rawText(`GET ${DOCS_BUNDLE}`, ['Connection: close'])),
      ),
    );
    const health = await api.get('/healthz');
    await until(() => downloads.every(({ isOpen }) => !isOpen()));
    const growth = peakMemory(server.pid) - before;

    console.log(`${name}: grown by ${growth} MB`);
    expect(health.status).toBe(200);
    const [first] = downloads.map(({ received }) => received());
    expect(first).toMatch(/^HTTP\/1\.1 200 /);
    const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n'));
    const body = bodyOf(first ?? '');
    expect(body.length).toBeGreaterThan(1_000_000);
    expect(downloads.filter(({ received }) => bodyOf(received()) !== body).length).toBe(0);
    expect(growth).toBeLessThan(MAX_GROWTH);
    tallyOf(context).requests = REQUESTS;
  },
);
