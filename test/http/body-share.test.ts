import { describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';

/** Number of 64 KB bodies that fit into 32 MB. */
const ALL = 512;

/** Sends a request whose body never arrives. */
function withhold({ app }: TestApp, clientAddress: string): Promise<Response> {
  const body = new ReadableStream({ start() {} });
  const init = { method: 'POST', body, duplex: 'half' } as const;
  return Promise.resolve(app.request('/auth/refresh', init, { clientAddress }));
}

/** The status of an immediate response; `undefined` if the request waits for its body. */
const statusNow = (answer: Promise<Response>): Promise<number | undefined> =>
  Promise.race([
    answer.then(({ status }) => status),
    new Promise<undefined>((resolve) => setTimeout(resolve, 50)),
  ]);

describe('[S43] withheld bodies', () => {
  test('all /64 networks of one IPv6 /48 share a quarter of the budget', async () => {
    const room = await createTestApp({}, { bodyLimits: { limitMs: 1000 } });
    const held = Array.from({ length: ALL / 4 }, (_, i) =>
      withhold(room, `2001:db8:1:${i.toString(16)}::1`),
    );
    expect(await statusNow(withhold(room, '2001:db8:1:ffff::1'))).toBe(503);
    const stranger = withhold(room, '2001:db8:2::1');
    expect(await statusNow(stranger)).toBeUndefined();
    await Promise.all([...held, stranger]);
  });

  test('a request without a body needs no budget: a logout is processed', async () => {
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
