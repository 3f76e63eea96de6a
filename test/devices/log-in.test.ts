// A stranger who enters wrong passwords locks an account. Its owner logs in by the token of a device.
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents } from '../../src/core/db/schema.ts';
import { createDeviceRoom, PASSWORD, WRONG } from '../support/device-room.ts';
import { codeOf } from '../support/mail-room.ts';

const DAY = 86_400;

describe('POST /auth/login with a device token', () => {
  test('[S68] answers 200 while strangers have locked the account, and 400 without the token', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    await room.lock();
    expect(await room.statusOf({})).toBe(400);
    expect(await room.statusOf({ device_token })).toBe(200);
  });

  test('[S68] answers 200 from a network that is locked out of the account', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    for (let i = 0; i < 10; i++) await room.ask({ password: WRONG });
    expect(await room.statusOf({})).toBe(400);
    expect(await room.statusOf({ device_token })).toBe(200);
  });

  test('[S68] does not help with a wrong password, another account or a disabled one', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const other = await room.newUser('other@example.com', PASSWORD);
    await room.lock();
    for (let i = 0; i < 20; i++) {
      await room.ask({ username: other.email, password: WRONG }, `192.0.2.${i}`);
    }
    expect(await room.statusOf({ username: other.email, device_token })).toBe(400);
    expect(await room.statusOf({ password: WRONG, device_token })).toBe(400);
    await room.db.run(sql`update users set disabled_at = 1 where id = ${room.id}`);
    expect(await room.statusOf({ device_token })).toBe(400);
  });

  test('answers the same token and renews its 90 days; without it or with an unknown one, a new one', async () => {
    const room = await createDeviceRoom();
    const first = await room.deviceOf();
    expect(first).toMatch(/^[\w-]{43}$/);
    for (const device_token of ['', 'x', 'é', `${first}x`, 'a'.repeat(512)]) {
      const next = await room.deviceOf({ device_token });
      expect(next).toMatch(/^[\w-]{43}$/);
      expect(next).not.toBe(first);
    }
    room.advance(89 * DAY);
    expect(await room.deviceOf({ device_token: first })).toBe(first);
    room.advance(89 * DAY);
    await room.lock();
    expect(await room.statusOf({ device_token: first })).toBe(200);
  });

  test('[S68] has no effect with a token that expired, and replaces it', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    room.advance(90 * DAY);
    await room.lock();
    expect(await room.statusOf({ device_token })).toBe(400);
    room.unlock();
    const next = await room.deviceOf({ device_token });
    expect(next).not.toBe(device_token);
    expect(await room.rows()).toHaveLength(1);
  });

  test('answers 422 to a token of more than 512 characters', async () => {
    const room = await createDeviceRoom();
    expect(await codeOf(await room.ask({ device_token: 'a'.repeat(513) }))).toBe(
      'validation_failed',
    );
  });

  test('[S68] the database has neither the token nor a hash without a key', async () => {
    const room = await createDeviceRoom();
    const token = await room.deviceOf();
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
    const plain = Buffer.from(digest).toString('base64url');
    const stored = JSON.stringify(await room.rows());
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(plain);
    expect(JSON.stringify(room.logs)).not.toContain(token);
  });
});

describe('wrong passwords with a device token', () => {
  test('[S69] count for the device and not for the account; after five the token has no effect any more', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    for (let i = 0; i < 5; i++) {
      expect(await room.statusOf({ password: WRONG, device_token })).toBe(400);
    }
    expect(await room.failures()).toBe(0);
    expect(await room.statusOf({ password: WRONG, device_token })).toBe(400);
    expect(await room.failures()).toBe(1);
    await room.lock();
    expect(await room.statusOf({ device_token })).toBe(400);
    room.advance(60 * DAY);
    await room.lock();
    expect(await room.statusOf({ device_token })).toBe(400);
  });

  test('[S69] are forgotten after the correct one', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) await room.ask({ password: WRONG, device_token });
      expect(await room.deviceOf({ device_token })).toBe(device_token);
    }
    expect(await room.rows()).toMatchObject([{}, { failures: 0 }]);
  });

  test('[S69] a token with too many is replaced at the next login, so that whoever has copied it is left with nothing', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const count = (await room.rows()).length;
    for (let i = 0; i < 5; i++) await room.ask({ password: WRONG, device_token });
    const next = await room.deviceOf({ device_token });
    expect(next).not.toBe(device_token);
    expect(await room.rows()).toHaveLength(count);
    room.advance(DAY);
    await room.lock();
    expect(await room.statusOf({ device_token })).toBe(400);
    expect(await room.statusOf({ device_token: next })).toBe(200);
  });

  test('[S69] 20 at once all count: five for the device, the others for the account', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        room.ask({ password: WRONG, device_token }, `192.0.2.${i}`),
      ),
    );
    expect((await room.rows()).map(({ failures }) => failures).sort()).toEqual([0, 5]);
    expect(await room.failures()).toBe(15);
  });

  test('are recorded, at most five a day for each device', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    await room.lock();
    await room.db.delete(auditEvents);
    for (let i = 0; i < 7; i++) await room.ask({ password: WRONG, device_token });
    const events = await room.db.select().from(auditEvents);
    expect(events.map(({ action, outcome, detail }) => [action, outcome, detail])).toEqual(
      Array(5).fill(['login', 'failure', '{"device":true}']),
    );
  });
});

describe('what happens while the password is verified', () => {
  /** Runs a step while the next hash is computed. */
  async function during(step: (room: Room) => Promise<unknown>) {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    await room.lock();
    const { passwords } = room.deps;
    const { verify } = passwords;
    let isDone = false;
    Object.assign(passwords, {
      async verify(...args: Parameters<typeof verify>) {
        const match = await verify(...args);
        if (!isDone) {
          isDone = true;
          await step(room);
        }
        return match;
      },
    });
    return { room, status: await room.statusOf({ device_token }) };
  }
  type Room = Awaited<ReturnType<typeof createDeviceRoom>>;

  test('[S68] the device is removed: the lock holds', async () => {
    const { status } = await during(({ db }) => db.run(sql`delete from known_devices`));
    expect(status).toBe(400);
  });

  test('[S69] five wrong passwords arrive: the lock holds', async () => {
    const { status } = await during(({ db }) => db.run(sql`update known_devices set failures = 5`));
    expect(status).toBe(400);
  });

  test('[S68] the device of an account that is not locked is removed: the answer has another token', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const { passwords } = room.deps;
    const { verify } = passwords;
    Object.assign(passwords, {
      async verify(...args: Parameters<typeof verify>) {
        await room.db.run(sql`delete from known_devices`);
        return verify(...args);
      },
    });
    expect(await room.deviceOf({ device_token })).not.toBe(device_token);
    expect(await room.rows()).toHaveLength(1);
  });
});
