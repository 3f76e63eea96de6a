import { describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';

/** Bodies of 64 KB that 32 MB have room for. */
const ALL = 512;

/** A request whose body never comes. */
function withhold({ app }: TestApp, clientAddress: string): Promise<Response> {
  const body = new ReadableStream({ start() {} });
  const init = { method: 'POST', body, duplex: 'half' } as const;
  return Promise.resolve(app.request('/auth/refresh', init, { clientAddress }));
}

/** The status of an answer that comes at once; `undefined` for a request that waits for its body. */
const statusNow = (answer: Promise<Response>): Promise<number | undefined> =>
  Promise.race([
    answer.then(({ status }) => status),
    new Promise<undefined>((resolve) => setTimeout(resolve, 50)),
  ]);

describe('[S43] bodies that are held back', () => {
  test('all /64s of one IPv6 /48 have a quarter of the budget together', async () => {
    const room = await createTestApp({}, { bodyLimits: { limitMs: 1000 } });
    const held = Array.from({ length: ALL / 4 }, (_, i) =>
      withhold(room, `2001:db8:1:${i.toString(16)}::1`),
    );
    expect(await statusNow(withhold(room, '2001:db8:1:ffff::1'))).toBe(503);
    const stranger = withhold(room, '2001:db8:2::1');
    expect(await statusNow(stranger)).toBeUndefined();
    await Promise.all([...held, stranger]);
  });

  test('a request without a body needs no place: a logout goes on', async () => {
    const room = await createTestApp({}, { bodyLimits: { limitMs: 1000 } });
    const held = Array.from({ length: ALL }, (_, i) => withhold(room, `10.0.${i >> 8}.${i & 255}`));
    expect(await statusNow(withhold(room, '192.0.2.1'))).toBe(503);
    const logOut = (headers: Record<string, string>) =>
      room.app.request('/auth/logout', { method: 'POST', headers });
    expect((await logOut({})).status).toBe(401);
    expect((await logOut({ 'Content-Length': '0' })).status).toBe(401);
    await Promise.all(held);
  });
});
