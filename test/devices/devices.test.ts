// How devices are listed and removed, and what ends their tokens.
import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { knownDevices } from '../../src/core/db/account-schema.ts';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import { createDeviceRoom, PASSWORD } from '../support/device-room.ts';
import { codeOf } from '../support/mail-room.ts';
import { bearer, testSettings } from '../support/test-app.ts';

const NEW_PASSWORD = 'difference engine';
const DAY = 86_400;

type Room = Awaited<ReturnType<typeof createDeviceRoom>>;

interface Listed {
  readonly id: string;
}

async function list(room: Room, token: string): Promise<Listed[]> {
  const answer = await room.send('/auth/devices', { headers: bearer(token) });
  return ((await answer.json()) as { items: Listed[] }).items;
}

const remove = async (room: Room, token: string, id: string) =>
  codeOf(await room.send(`/auth/devices/${id}`, { method: 'DELETE', headers: bearer(token) }));

/** True if a login from elsewhere passes the lock with this token. */
async function passes(room: Room, device_token: string, password = PASSWORD): Promise<boolean> {
  await room.lock();
  const status = await room.statusOf({ password, device_token });
  room.unlock();
  return status === 200;
}

describe('GET /auth/devices', () => {
  test('lists the devices of the user, the last used first, without token or hash', async () => {
    const room = await createDeviceRoom();
    await room.db.delete(knownDevices);
    const first = await room.deviceOf();
    room.advance(60);
    const second = await room.deviceOf();
    await room.newUser('other@example.com');
    const token = await room.tokenOf(room.email, PASSWORD);
    await room.db.run(
      sql`delete from known_devices where rowid = (select max(rowid) from known_devices)`,
    );
    room.advance(60);
    await room.deviceOf({ device_token: first });
    const answer = await room.send('/auth/devices', { headers: bearer(token) });
    const text = await answer.clone().text();
    expect(await answer.json()).toEqual({
      items: [
        {
          id: expect.stringMatching(/^[\w-]{22}$/),
          created_at: '2026-01-01T12:00:00.000Z',
          last_used_at: '2026-01-01T12:02:00.000Z',
          expires_at: '2026-04-01T12:02:00.000Z',
          user_agent: null,
          address: '203.0.113.7',
        },
        expect.objectContaining({
          created_at: '2026-01-01T12:01:00.000Z',
          last_used_at: '2026-01-01T12:01:00.000Z',
        }),
      ],
    });
    for (const { hash } of await room.rows()) expect(text).not.toContain(hash);
    for (const each of [first, second]) expect(text).not.toContain(each);
  });

  test('leaves out expired devices, and answers 401 without a session', async () => {
    const room = await createDeviceRoom();
    room.advance(90 * DAY);
    const token = await room.tokenOf(room.email, PASSWORD);
    expect(await list(room, token)).toHaveLength(1);
    expect(await codeOf(await room.send('/auth/devices', {}))).toBe('not_authenticated');
  });
});

describe('DELETE /auth/devices/{id}', () => {
  test('[S68] answers 204, ends the token, keeps the sessions and is recorded; again 404', async () => {
    const room = await createDeviceRoom();
    await room.db.delete(knownDevices);
    const device_token = await room.deviceOf();
    const [device] = await room.rows();
    const id = device?.id ?? '';
    const token = await room.tokenOf(room.email, PASSWORD);
    expect(await remove(room, token, id)).toBe(204);
    expect(await remove(room, token, id)).toBe('not_found');
    expect(await passes(room, device_token)).toBe(false);
    expect((await room.profile(token)).status).toBe(200);
    const events = await room.db
      .select({ detail: auditEvents.detail })
      .from(auditEvents)
      .where(eq(auditEvents.action, 'device_remove'));
    expect(events).toEqual([{ detail: JSON.stringify({ device: id }) }]);
  });

  test('answers 404 for a device of another user, which stays', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const other = await room.newUser('other@example.com');
    for (const { id } of await room.rows()) {
      expect(await remove(room, other.token, id)).toBe('not_found');
    }
    expect(await remove(room, other.token, 'none')).toBe('not_found');
    expect(await passes(room, device_token)).toBe(true);
  });

  test('answers 401 and removes nothing for a session that ends meanwhile', async () => {
    const room = await createDeviceRoom();
    const token = await room.tokenOf(room.email, PASSWORD);
    const [device] = await room.rows();
    const { devices } = room.deps;
    const removeStored = devices.remove;
    Object.assign(devices, {
      async remove(...args: Parameters<typeof removeStored>) {
        await room.db.run(sql`delete from sessions`);
        return removeStored(...args);
      },
    });
    const count = (await room.rows()).length;
    expect(await remove(room, token, device?.id ?? '')).toBe('invalid_token');
    expect(await room.rows()).toHaveLength(count);
  });
});

describe('a device token ends with', () => {
  test('[S68] a password change, whose answer has a new one', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const token = await room.tokenOf(room.email, PASSWORD);
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const answer = await room.post('/auth/password/change', body, bearer(token));
    const changed = (await answer.json()) as { device_token: string };
    expect(await room.rows()).toHaveLength(1);
    expect(await passes(room, device_token, NEW_PASSWORD)).toBe(false);
    expect(await passes(room, changed.device_token, NEW_PASSWORD)).toBe(true);
  });

  test('[S68] a password reset', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const { code } = await room.codeFor('/auth/password/forgot');
    const body = { username: room.email, code, new_password: NEW_PASSWORD };
    expect((await room.post('/auth/password/reset', body)).status).toBe(204);
    expect(await room.rows()).toEqual([]);
    expect(await passes(room, device_token, NEW_PASSWORD)).toBe(false);
  });

  test('[S68] the undo of a change of address', async () => {
    const room = await createDeviceRoom();
    await room.verify(await room.tokenOf(room.email, PASSWORD));
    const thief = await room.tokenOf(room.email, PASSWORD);
    await room.post('/auth/email/change', { email: 'thief@example.com' }, bearer(thief));
    const { tokens } = await room.message();
    await room.post('/auth/email/confirm', { token: tokens.change });
    const undo = (await room.received()).find(({ to }) => to === room.email)?.tokens.undo;
    expect((await room.rows()).length).toBeGreaterThan(0);
    expect((await room.post('/auth/email/undo', { token: undo })).status).toBe(204);
    expect(await room.rows()).toEqual([]);
  });

  test('[S68] its account', async () => {
    const room = await createDeviceRoom();
    await room.deviceOf();
    await room.db.run(sql`pragma foreign_keys = on`);
    await room.db.delete(users).where(eq(users.id, room.id));
    expect(await room.rows()).toEqual([]);
  });

  test('not with a logout', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const token = await room.tokenOf(room.email, PASSWORD);
    await room.post('/auth/logout', undefined, bearer(token));
    await room.send('/auth/sessions?all=true', { method: 'DELETE', headers: bearer(token) });
    expect(await passes(room, device_token)).toBe(true);
  });
});

describe('at most 20 devices', () => {
  test('a client that keeps no token does not evict the devices of one that does', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    expect(await room.deviceOf({ device_token })).toBe(device_token);
    for (let i = 0; i < 30; i++) {
      room.advance(1);
      await room.deviceOf();
    }
    expect(await room.rows()).toHaveLength(20);
    expect(await room.deviceOf({ device_token })).toBe(device_token);
  });

  test('of devices in use, the one that was not used for longest is evicted', async () => {
    const room = await createDeviceRoom();
    await room.db.delete(knownDevices);
    const tokens: string[] = [];
    for (let i = 0; i < 20; i++) {
      room.advance(1);
      const device_token = await room.deviceOf();
      tokens.push(await room.deviceOf({ device_token }));
    }
    const [first = '', second = ''] = tokens;
    room.advance(1);
    await room.deviceOf({ device_token: first });
    const latest = await room.deviceOf();
    expect(await room.rows()).toHaveLength(20);
    expect(await room.deviceOf({ device_token: latest })).toBe(latest);
    expect(await room.deviceOf({ device_token: first })).toBe(first);
    expect(await room.deviceOf({ device_token: second })).not.toBe(second);
  });
});

describe('SECRET_KEY', () => {
  const next = 'another secret for tests, long enough to sign with';

  test('[S68] SECRET_KEY_PREVIOUS keeps tokens valid, and a login moves them to the new key', async () => {
    const room = await createDeviceRoom();
    const device_token = await room.deviceOf();
    const read = async (settings: Record<string, string>) => {
      const { deps } = await createDeviceRoom(settings);
      return deps.deviceTokens.read(device_token)?.hashes ?? [];
    };
    const [before] = await read({});
    const both = await read({ SECRET_KEY: next, SECRET_KEY_PREVIOUS: testSettings.SECRET_KEY });
    const after = await read({ SECRET_KEY: next });
    expect(both).toEqual([after[0], before]);
    expect((await room.rows()).map(({ hash }) => hash)).toContain(before);
    Object.assign(room.deps.deviceTokens, {
      read: (token: string) => ({ token, hashes: both }),
    });
    expect(await room.deviceOf({ device_token })).toBe(device_token);
    const hashes = (await room.rows()).map(({ hash }) => hash);
    expect(hashes).toContain(after[0]);
    expect(hashes).not.toContain(before);
  });
});
