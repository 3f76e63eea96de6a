import { describe, expect, test } from 'vitest';
import { createOutbound, OutboundError } from '../src/core/outbound.ts';
import { VERSION } from '../src/core/version.ts';
import { startRangeServer } from './support/range-server.ts';

const send = createOutbound(fetch);
const bounds = { limitMs: 5000, maxBytes: 1000 };

describe('the URL of an outgoing request', () => {
  test.each([
    'data:text/plain,hello',
    'file:///etc/hostname',
    'blob:nodedata:x',
    'ftp://localhost/',
    ' data:,x',
    'httpsx://localhost/',
    '//localhost/',
  ])('%s is rejected as an unsupported scheme', async (url) => {
    const error = await send(url, bounds).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutboundError);
    expect(error).toMatchObject({ reason: 'unsupported_scheme' });
  });

  test('may have a scheme in capitals', async () => {
    const { url } = await startRangeServer({}, (response) => response.end('hello'));
    expect((await send(url.replace('http', 'HTTP'), bounds)).status).toBe(200);
  });
});

describe('the User-Agent of an outgoing request', () => {
  const agentOf = async (headers: Record<string, string>) => {
    const { url, requests } = await startRangeServer({}, (response) => response.end());
    await send(url, { ...bounds, headers });
    return requests[0]?.headers['user-agent'];
  };

  test('names Latchkey', async () => {
    expect(await agentOf({ Accept: 'text/plain' })).toBe(`latchkey/${VERSION}`);
  });

  test.each(['User-Agent', 'user-agent', 'USER-AGENT'])(
    'is the caller’s if it is given as %s',
    async (name) => {
      expect(await agentOf({ [name]: 'mine' })).toBe('mine');
    },
  );
});
