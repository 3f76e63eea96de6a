import { desc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/core/db/schema.ts';
import { createTestApp, form, newUser } from '../support/test-app.ts';

/** The address and user agent that a login with these headers records. */
async function recorded(
  hops: string,
  headers: Record<string, string>,
  clientAddress?: string,
  password = 'wrong password',
) {
  const { app, db } = await createTestApp({ TRUSTED_PROXY_HOPS: hops });
  const { email: username } = await newUser(app);
  const login = form({ username, password });
  await app.request('/auth/login', { ...login, headers }, { clientAddress });
  const [row] = await db
    .select({ address: auditEvents.address, userAgent: auditEvents.userAgent })
    .from(auditEvents)
    .where(eq(auditEvents.action, 'login'))
    .orderBy(desc(auditEvents.id))
    .limit(1);
  return row;
}

describe('the recorded address', () => {
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
    '[S12] behind %s proxies, with X-Forwarded-For %j, is the client’s',
    async (hops, header, socket, expected) => {
      const row = await recorded(hops, { 'X-Forwarded-For': header }, socket);
      expect(row?.address).toBe(expected);
    },
  );

  test('is null if the runtime does not know the address', async () => {
    expect((await recorded('0', {}))?.address).toBeNull();
  });
});

test('[S48] the recorded user agent is truncated, further after a failed login', async () => {
  const headers = { 'User-Agent': 'x'.repeat(5000) };
  const agentOf = async (...args: Parameters<typeof recorded>) =>
    (await recorded(...args))?.userAgent;
  expect(await agentOf('0', headers, undefined, 'analytical engine')).toBe('x'.repeat(256));
  expect(await agentOf('0', headers)).toBe('x'.repeat(128));
  // Truncation must not split a character.
  expect(await agentOf('0', { 'User-Agent': `${'x'.repeat(127)}\u00e9x` })).toBe(
    `${'x'.repeat(127)}\u00e9`,
  );
  expect(await agentOf('0', {})).toBeNull();
});
