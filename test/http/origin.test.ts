import { describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/db/schema.ts';
import { createTestApp, form } from '../support/test-app.ts';

/** The address and agent on record for a login with these headers. */
async function recorded(hops: string, headers: Record<string, string>, clientAddress?: string) {
  const { app, db } = await createTestApp({ TRUSTED_PROXY_HOPS: hops });
  const login = form({ username: 'nobody@example.com', password: 'whatever' });
  await app.request('/auth/login', { ...login, headers }, { clientAddress });
  const [row] = await db
    .select({ address: auditEvents.address, userAgent: auditEvents.userAgent })
    .from(auditEvents);
  return row;
}

describe('the address on record', () => {
  test.each([
    ['0', '203.0.113.7', '198.51.100.1', '198.51.100.1'],
    ['1', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['1', 'forged, 203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['2', '1.1.1.1, 203.0.113.7, 10.0.0.1', '198.51.100.1', '203.0.113.7'],
    ['2', '203.0.113.7', '198.51.100.1', '198.51.100.1'],
    ['1', '2001:db8::1', '198.51.100.1', '2001:db8::1'],
    ['1', '203.0.113.7:4711', '198.51.100.1', '203.0.113.7'],
    ['1', '[2001:db8::1]:4711', '198.51.100.1', '2001:db8::1'],
    ['1', '[2001:db8::1]', '198.51.100.1', '2001:db8::1'],
    ['1', '::ffff:203.0.113.7', '198.51.100.1', '::ffff:203.0.113.7'],
    ['1', 'cafe', '198.51.100.1', '198.51.100.1'],
    ['1', '<script>', '198.51.100.1', '198.51.100.1'],
    ['1', `1${'0'.repeat(80)}`, '198.51.100.1', '198.51.100.1'],
    ['1', '', '198.51.100.1', '198.51.100.1'],
  ])(
    '[S12] behind %s proxies, with X-Forwarded-For %j, is right',
    async (hops, header, socket, expected) => {
      const row = await recorded(hops, { 'X-Forwarded-For': header }, socket);
      expect(row?.address).toBe(expected);
    },
  );

  test('is null where the runtime knows none', async () => {
    expect((await recorded('0', {}))?.address).toBeNull();
  });
});

test('the user agent on record is bounded', async () => {
  expect((await recorded('0', { 'User-Agent': 'x'.repeat(5000) }))?.userAgent).toBe(
    'x'.repeat(256),
  );
  expect((await recorded('0', {}))?.userAgent).toBeNull();
});
