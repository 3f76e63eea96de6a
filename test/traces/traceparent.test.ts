import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { childOf, formatTraceparent, parseTraceparent } from '../../src/core/trace.ts';
import { startProvider } from '../support/http-provider.ts';
import { startRangeServer } from '../support/range-server.ts';
import { createTestApp, json } from '../support/test-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const HEADER = `00-${TRACE_ID}-${PARENT_ID}-01`;

const id = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));

describe('traceparent', () => {
  test('of version 00 is read, and written back with another parent id', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.boolean(), (traceId, parentId, isSampled) => {
        const trace = { traceId, parentId, isSampled };
        expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
        const child = childOf(trace);
        expect(child).toEqual({ ...trace, parentId: expect.stringMatching(/^[0-9a-f]{16}$/) });
        expect(child.parentId).not.toBe(parentId);
        expect(parseTraceparent(formatTraceparent(child))).toEqual(child);
      }),
    );
  });

  test.each([
    ['a later version', `cc-${TRACE_ID}-${PARENT_ID}-01`],
    ['a later version with more fields', `cc-${TRACE_ID}-${PARENT_ID}-01-what-comes`],
    ['flags that are not known', `00-${TRACE_ID}-${PARENT_ID}-ff`],
  ])('with %s is read', (_, header) => {
    expect(parseTraceparent(header)).toEqual({
      traceId: TRACE_ID,
      parentId: PARENT_ID,
      isSampled: true,
    });
  });

  test.each([
    '',
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
    `${HEADER}-more`,
    `${HEADER}-`,
    `cc-${TRACE_ID}-${PARENT_ID}-01.more`,
    `${HEADER}, ${HEADER}`,
    `cc-${TRACE_ID}-${PARENT_ID}-01-what, ${HEADER}`,
    ` ${HEADER}`,
    `${HEADER}\n`,
    `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`,
  ])('[S86] %j is ignored', async (header) => {
    expect(parseTraceparent(header)).toBe(undefined);
    const { app, logs } = await createTestApp();
    const headers = new Headers();
    try {
      headers.set('traceparent', header);
    } catch {
      return;
    }
    expect((await app.request('/healthz', { headers })).status).toBe(200);
    const [line] = logs.filter((each) => each.includes('"event":"request"'));
    // The text of a header loses the space around it before it is read.
    if (header.trim() === header) expect(line).not.toContain('trace_id');
  });
});

const lineOf = (logs: readonly string[], route: string) =>
  logs.find((line) => line.includes(`"route":"${route}"`));

describe('the trace of a request', () => {
  test('is named in its log line; without one, the line does not mention it', async () => {
    const { app, logs } = await createTestApp();
    await app.request('/healthz', { headers: { traceparent: HEADER } });
    await app.request('/readyz');
    expect(lineOf(logs, '/healthz')).toContain(`"trace_id":"${TRACE_ID}"`);
    expect(lineOf(logs, '/readyz')).not.toContain('trace');
  });

  test('is passed to the look-up of breached passwords, under a parent id of its own', async () => {
    const { url, requests } = await startRangeServer({});
    const { app } = await createTestApp({ HIBP: 'on', HIBP_URL: url });
    const signUp = (email: string, headers = {}) =>
      app.request('/auth/signup', json('POST', { email, password: 'analytical engine' }, headers));
    await signUp('ada@example.com', { traceparent: HEADER });
    await signUp('bob@example.com');
    const [traced, untraced] = requests.map(({ headers }) => headers.traceparent);
    expect(traced).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-01$`));
    expect(traced).not.toBe(HEADER);
    expect(untraced).toBe(undefined);
  });

  test('is passed to the webhook of the message that it has caused, also when it is sent later', async () => {
    const { url, requests, provider } = await startProvider((response) =>
      response.writeHead(500).end(),
    );
    const room = await createTestApp({
      MAIL: `webhook:${url}`,
      MAIL_FROM: 'accounts@example.com',
      MESSAGE_WEBHOOK_SECRET: `whsec_${btoa('a secret of 24 bytes or more')}`,
      SIGNUP_MODE: 'hidden',
    });
    const signUp = (email: string, headers = {}) =>
      room.app.request(
        '/auth/signup',
        json('POST', { email, password: 'analytical engine' }, headers),
      );
    await signUp('ada@example.com', { traceparent: HEADER });
    await room.idle();
    provider.answer = (response) => response.writeHead(200).end();
    await signUp('bob@example.com');
    await room.idle();
    room.advance(60);
    await room.deliver();
    const sent = requests.map(({ content, headers }) => {
      const { data } = JSON.parse(content) as { data: Record<string, unknown> };
      expect(Object.keys(data)).not.toContain('trace');
      return [data.to, headers.traceparent?.slice(0, 35)];
    });
    expect(sent).toEqual([
      ['ada@example.com', `00-${TRACE_ID}`],
      ['bob@example.com', undefined],
      ['ada@example.com', `00-${TRACE_ID}`],
    ]);
    expect(new Set(requests.map(({ headers }) => headers.traceparent)).size).toBe(3);
  });
});
