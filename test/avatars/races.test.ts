import { describe, expect, test } from 'vitest';
import { type AvatarRoom, createAvatarRoom } from '../support/avatar-room.ts';
import { png } from '../support/pictures.ts';
import { bearer, newUser } from '../support/test-app.ts';

/** Runs something when the next file is stored, before or after it. */
function whileStoring({ files }: Pick<AvatarRoom, 'files'>, run: () => Promise<unknown>): void {
  files.before = async (operation) => {
    if (operation !== 'put') return;
    files.before = () => {};
    await run();
  };
}

/** The rows, the files and what accounts show agree, once all that is to be deleted is deleted. */
async function expectWhole(room: AvatarRoom): Promise<void> {
  await room.idle();
  room.advance(3601);
  await room.tick();
  const shown = await room.keysShown();
  const rows = await room.rows();
  expect(rows.map(({ key }) => key).sort()).toEqual([...shown].sort());
  expect([...room.files.files.keys()].sort()).toEqual([...shown].sort());
}

describe('uploads beside other requests', () => {
  test('[S82] a second upload of a user is rejected with 429 before its body is read', async () => {
    const room = await createAvatarRoom();
    let second: Response | undefined;
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(png());
        controller.close();
      },
    });
    whileStoring(room, async () => {
      // With a media type that its reader would reject.
      const headers = { ...bearer(room.ada.token), 'Content-Type': 'text/plain' };
      const init = { method: 'PUT', headers, body, duplex: 'half' };
      second = await room.app.request('/profile/me/avatar', init);
    });
    expect((await room.put()).status).toBe(200);
    expect(second?.status).toBe(429);
    expect(second?.headers.get('Retry-After')).toBe('1');
    expect(pulled).toBeLessThanOrEqual(1);
    expect((await room.put(png({ seed: 2 }))).status).toBe(200);
    await expectWhole(room);
  });

  test('uploads of different users do not wait for each other', async () => {
    const room = await createAvatarRoom();
    const bob = await newUser(room.app, 'bob@example.com');
    let second: Response | undefined;
    whileStoring(room, async () => {
      second = await room.put(png({ seed: 2 }), bob.token);
    });
    expect((await room.put()).status).toBe(200);
    expect(second?.status).toBe(200);
    await expectWhole(room);
    expect(await room.keysShown()).toHaveLength(2);
  });

  test('[S84] beside a logout: 401, and the picture is not shown', async () => {
    const room = await createAvatarRoom();
    const first = await room.shown();
    whileStoring(room, async () => {
      const init = { method: 'POST', headers: bearer(room.ada.token) };
      await room.app.request('/auth/logout', init);
    });
    const answer = await room.put(png({ seed: 2 }));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'invalid_token' });
    expect(await room.keysShown()).toEqual([first]);
    await room.idle();
    expect([...room.files.files.keys()]).toEqual([first]);
    await expectWhole(room);
  });

  test('[S84] beside the deletion of the account, with a run of housekeeping before the file is there', async () => {
    const room = await createAvatarRoom();
    await room.shown();
    whileStoring(room, async () => {
      const init = { method: 'DELETE', headers: bearer(room.ada.token) };
      expect((await room.app.request('/profile/me', init)).status).toBe(204);
      await room.tick();
      // The row of the upload is still there, so that its file will be found.
      expect(await room.rows()).toHaveLength(1);
    });
    expect((await room.put(png({ seed: 2 }))).status).toBe(401);
    await expectWhole(room);
    expect(room.files.files.size).toBe(0);
  });

  test('[S84] of two uploads at different servers, one picture is left', async () => {
    const room = await createAvatarRoom();
    const { avatars, avatarSweeper } = room.deps;
    const event = (action: 'avatar_set') => ({
      ...{ at: 0, actorId: room.ada.id, action, outcome: 'success' as const },
      ...{ requestId: crypto.randomUUID(), address: null, userAgent: null },
    });
    const [{ id: sessionId } = { id: '' }] = await room.deps.sessions.list(room.ada.id);
    const owner = { id: room.ada.id, sessionId };
    const keys = ['A'.repeat(22), 'B'.repeat(22)];
    for (const key of keys) {
      await avatars.add({ key, userId: room.ada.id, store: 'memory', size: 1 });
      await room.files.put(key, { bytes: png() });
    }
    const shown = await Promise.all(
      keys.map((key) => avatars.show(owner, key, event('avatar_set'))),
    );
    expect(shown.every((user) => user !== undefined)).toBe(true);
    await avatarSweeper.sweepAccount(room.ada.id);
    expect(await room.keysShown()).toHaveLength(1);
    await expectWhole(room);
    // A picture that has been given up cannot be shown again.
    for (const key of keys)
      expect(await avatars.show(owner, key, event('avatar_set'))).toBe(undefined);
  });

  test('[S84] a store that fails leaves the earlier picture, and answers 503', async () => {
    const room = await createAvatarRoom();
    const first = await room.shown();
    room.files.before = (operation) => {
      if (operation === 'put') throw new Error('ENOSPC: no space left on device');
    };
    const answer = await room.put(png({ seed: 2 }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('5');
    const text = await answer.text();
    expect(text).toContain('files_unavailable');
    expect(text).not.toContain('ENOSPC');
    expect(await room.keysShown()).toEqual([first]);
    room.files.before = () => {};
    expect((await room.app.request(`/avatars/${first}`)).status).toBe(200);
    await expectWhole(room);
  });

  test('a read of a store that fails answers 503', async () => {
    const room = await createAvatarRoom();
    const key = await room.shown();
    room.files.before = () => {
      throw new Error('down');
    };
    expect((await room.app.request(`/avatars/${key}`)).status).toBe(503);
  });
});
