import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { avatars } from '../../src/core/db/account-schema.ts';
import { createAvatarRoom } from '../support/avatar-room.ts';
import { png } from '../support/pictures.ts';
import { bearer, json, newUser } from '../support/test-app.ts';

const HOUR = 3600;

describe('pictures that no account shows', () => {
  test('[S84] a file whose process ended before the account showed it goes after an hour, and not before', async () => {
    const { put, files, rows, tick, advance, idle } = await createAvatarRoom();
    // The file is stored, and nothing after it runs.
    files.before = (operation) => {
      if (operation === 'put') throw new Error('killed');
    };
    expect((await put()).status).toBe(503);
    const [row] = await rows();
    files.files.set(row?.key ?? '', png());
    await idle();
    advance(HOUR - 1);
    await tick();
    expect(files.files.size).toBe(1);
    expect(await rows()).toEqual([row]);
    advance(1);
    await tick();
    expect(files.files.size).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test('[S84] a file that cannot be deleted keeps its row, and goes with a later run', async () => {
    const { shown, put, files, rows, tick, idle, logs } = await createAvatarRoom();
    const first = await shown();
    files.before = (operation) => {
      if (operation === 'delete') throw new Error('the store is down');
    };
    expect((await put(png({ seed: 2 }))).status).toBe(200);
    await idle();
    await tick();
    expect(files.files.has(first)).toBe(true);
    expect((await rows()).map(({ key }) => key)).toContain(first);
    expect(logs.filter((line) => line.includes('avatar_not_deleted'))).toHaveLength(2);
    files.before = () => {};
    await tick();
    expect(files.files.size).toBe(1);
    expect(files.files.has(first)).toBe(false);
    expect(await rows()).toHaveLength(1);
  });

  test('a file that can never be deleted does not keep the others from it', async () => {
    const { db, files, rows, tick } = await createAvatarRoom();
    const keys = Array.from({ length: 120 }, (_, index) => `key-${index}`);
    for (const [index, key] of keys.entries()) {
      files.files.set(key, png());
      await db.insert(avatars).values({
        ...{ key, userId: 99, store: 'memory', size: 1, createdAt: 0, removeAt: index },
      });
    }
    files.before = (operation, key) => {
      if (operation === 'delete' && key === 'key-0') throw new Error('stuck');
    };
    for (let run = 0; run < 4; run++) await tick();
    expect([...files.files.keys()]).toEqual(['key-0']);
    expect((await rows()).map(({ key }) => key)).toEqual(['key-0']);
  });

  test('[S84] a server with another store leaves a picture and its row alone, and says so; the right one deletes it', async () => {
    const { app, ada, shown, idle, files, rows, tick, logs } = await createAvatarRoom();
    const key = await shown();
    files.store = 'another folder';
    const init = { method: 'DELETE', headers: bearer(ada.token) };
    expect((await app.request('/profile/me/avatar', init)).status).toBe(204);
    await idle();
    await tick();
    expect(files.files.has(key)).toBe(true);
    expect((await rows()).map((row) => row.key)).toEqual([key]);
    const warnings = logs.filter((line) => line.includes('avatars_elsewhere'));
    expect(warnings.map((line) => JSON.parse(line))).toMatchObject([{ count: 1 }]);
    files.store = 'memory';
    await tick();
    expect(files.files.size).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test('a run deletes at most 100', async () => {
    const { db, files, rows, tick } = await createAvatarRoom();
    const values = Array.from({ length: 130 }, (_, index) => ({
      ...{
        key: `key-${index}`,
        userId: 99,
        store: 'memory',
        size: 1,
        createdAt: 0,
        removeAt: index,
      },
    }));
    await db.insert(avatars).values(values);
    let deleted = 0;
    files.before = () => {
      deleted += 1;
    };
    await tick();
    expect(deleted).toBe(100);
    expect(await rows()).toHaveLength(30);
  });

  test.each([
    ['its owner', 'own'],
    ['an administrator', 'admin'],
  ])(
    '[S84] the picture of an account that %s deletes is not found, and its row and file are gone',
    async (_, who) => {
      const room = await createAvatarRoom();
      const { app, ada, shown, idle, files, rows } = room;
      const key = await shown();
      if (who === 'own') {
        const init = { method: 'DELETE', headers: bearer(ada.token) };
        expect((await app.request('/profile/me', init)).status).toBe(204);
      } else {
        const root = await newUser(app, 'root@example.com');
        await room.makeAdmin(root.id);
        const init = { method: 'DELETE', headers: bearer(root.token) };
        const path = `/admin/users/${ada.id}?reason=spam`;
        expect((await app.request(path, init)).status).toBe(204);
      }
      await idle();
      expect((await app.request(`/avatars/${key}`)).status).toBe(404);
      expect(files.files.size).toBe(0);
      expect(await rows()).toEqual([]);
    },
  );

  test('[S84] an administrator takes a picture away, and its file and row go', async () => {
    const room = await createAvatarRoom();
    const { app, ada, shown, idle, files, rows } = room;
    await shown();
    const root = await newUser(app, 'root@example.com');
    await room.makeAdmin(root.id);
    const patch = (body: object) =>
      app.request(`/admin/users/${ada.id}`, json('PATCH', body, bearer(root.token)));
    expect((await patch({ avatar_url: 'https://x.example/a.png', reason: 'x' })).status).toBe(422);
    const answer = await patch({ avatar_url: null, reason: 'offensive' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ avatar_url: null });
    await idle();
    expect(files.files.size).toBe(0);
    expect(await rows()).toEqual([]);
    const audit = await app.request(`/admin/audit?subject=${ada.id}&action=account_update`, {
      headers: bearer(root.token),
    });
    expect(await audit.json()).toMatchObject({
      items: [{ detail: { fields: ['avatar_url'], reason: 'offensive' } }],
    });
  });

  test('an upload of an hour is not shown, since its file may be deleted', async () => {
    const { put, files, keysShown, advance } = await createAvatarRoom();
    files.before = (operation) => {
      if (operation === 'put') advance(HOUR - 300);
    };
    expect((await put()).status).toBe(401);
    expect(await keysShown()).toEqual([]);
  });

  test('the row of a shown picture has no end', async () => {
    const { db, shown, files, tick, advance, idle } = await createAvatarRoom();
    const key = await shown();
    advance(400 * 24 * HOUR);
    await tick();
    await idle();
    expect(files.files.has(key)).toBe(true);
    expect(await db.select().from(avatars).where(eq(avatars.key, key))).toHaveLength(1);
  });
});
