import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { Api } from '../support/api.ts';
import { startRangeServer } from '../support/range-server.ts';
import { emptyFolder, type SERVERS, startServer } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

const SET_UP = join(ROOT, 'test/support/tracing/set-up.mjs');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
/** The numbers of SpanKind in @opentelemetry/api. */
const [SERVER, CLIENT] = [1, 2];

const TRACED: typeof SERVERS = {
  node: () => [process.execPath, '--import', SET_UP, join(ROOT, 'dist/runtime/node.js')],
  bun: () => [bunPath(), '--preload', SET_UP, join(ROOT, 'src/runtime/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', '--preload', SET_UP, join(ROOT, 'src/runtime/deno.ts')],
};

const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: z.record(z.string(), z.unknown()),
});

const spansIn = (output: string) =>
  [...output.matchAll(/^SPAN (.*)$/gm)].map(([, line = '']) => spanSchema.parse(JSON.parse(line)));

describe.each(['node', 'bun', 'deno'] as const)('spans on %s', (name) => {
  test('[S86] belong to the trace of the request, and name no person', async () => {
    const password = 'battery staple horse';
    const range = await startRangeServer({ [password]: 4 });
    const settings = { HIBP: 'on', HIBP_URL: range.url };
    const server = await startServer(name, emptyFolder(), settings, TRACED);
    const api = new Api(server.baseUrl);
    const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
    const body = { email: 'ada@example.com', password };
    await api.json('POST', '/auth/signup', body, { traceparent });
    await api.json(
      'POST',
      '/auth/signup',
      { ...body, password: 'analytical engine' },
      { traceparent },
    );
    await expect
      .poll(() => spansIn(server.output()).filter(({ kind }) => kind === SERVER))
      .toHaveLength(2);

    const spans = spansIn(server.output()).filter(({ traceId }) => traceId === TRACE_ID);
    const [first] = spans.filter(({ kind }) => kind === SERVER);
    expect(first).toMatchObject({
      parentId: PARENT_ID,
      name: 'POST /auth/signup',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/auth/signup',
        'http.response.status_code': 400,
      },
    });
    const outgoing = spans.find(({ attributes }) => 'server.address' in attributes);
    expect(outgoing).toMatchObject({ kind: CLIENT, name: 'GET', parentId: first?.spanId });
    expect(range.requests[0]?.headers.traceparent).toBe(`00-${TRACE_ID}-${outgoing?.spanId}-01`);
    const queries = spans.filter(({ attributes }) => attributes['db.system.name'] === 'sqlite');
    expect(queries.map((span) => span.name)).toContain('BATCH');
    const serverIds = spans.filter(({ kind }) => kind === SERVER).map(({ spanId }) => spanId);
    for (const { parentId } of queries) expect(serverIds).toContain(parentId);
    const written = server.output();
    expect(written).toContain('"event":"traces_on"');
    expect(written).toContain(`"trace_id":"${TRACE_ID}"`);
    expect(JSON.stringify(spans)).not.toMatch(/ada|example\.com|staple|analytical/);
  });

  test('without a registered provider, nothing is said and a request has no trace', async () => {
    const server = await startServer(name, emptyFolder());
    await new Api(server.baseUrl).get('/healthz');
    await expect.poll(() => server.output()).toContain('"route":"/healthz"');
    expect(server.output()).not.toMatch(/trace/);
  });
});
